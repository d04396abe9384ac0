import { parentPort } from 'node:worker_threads';
import { AppError } from '../../base/app-error.ts';
import { systemClock } from '../../base/time.ts';
import { WeriftEdge } from '../edge/werift/werift-edge.ts';
import { checkAddress } from '../rtp/udp-ports.ts';
import { Engine } from './engine.ts';
import { toFaultFacts } from './fault.ts';
import { PROTOCOL_VERSION } from './protocol.ts';
import type { EngineReplies, EngineRequest, EngineSetUp, FromEngine, ToEngine } from './protocol.ts';

const port = parentPort;
if (port === null) throw new AppError({ code: 'media.not-a-worker', category: 'bug', message: 'the media engine runs in a worker thread' });

const send = (message: FromEngine): void => port.postMessage(message);
/** Ready for orders; legs are opened by requests, which wait for it. */
let engine: Engine | undefined;
let starting: Promise<Engine> | undefined;

async function makeEngine(setUp: EngineSetUp): Promise<Engine> {
  await checkAddress(setUp.host);
  const edge = await WeriftEdge.start({ host: setUp.host, announcedHost: setUp.announcedHost });
  return new Engine({
    setUp, edge,
    emit: (event) => send({ version: PROTOCOL_VERSION, kind: 'event', event }),
    now: () => performance.now(),
    epochNow: systemClock,
  });
}

async function carryOut(request: EngineRequest): Promise<EngineReplies[keyof EngineReplies]> {
  if (request.type === 'set-up') {
    starting ??= makeEngine(request.setUp);
    engine = await starting;
    return null;
  }
  if (starting === undefined) throw new AppError({ code: 'media.not-set-up', category: 'bug', message: 'the engine was not set up' });
  return (engine ?? await starting).request(request);
}

// A promise that nobody waited for, in a library: one leg may suffer by it, all others go on. Its
// state is whole, unlike after an exception, which ends the worker and with it every leg.
process.on('unhandledRejection', (cause) => send({ version: PROTOCOL_VERSION, kind: 'event', event: { type: 'fault', fault: toFaultFacts(cause) } }));

port.on('message', (message: ToEngine) => {
  if (message.version !== PROTOCOL_VERSION) {
    throw new AppError({ code: 'media.protocol-version', category: 'bug', message: `protocol ${message.version} is not ${PROTOCOL_VERSION}` });
  }
  if (message.kind === 'order') {
    engine?.order(message.order);
    return;
  }
  const { id, request } = message;
  carryOut(request).then(
    (reply) => send({ version: PROTOCOL_VERSION, kind: 'reply', id, reply }),
    (cause: unknown) => send({ version: PROTOCOL_VERSION, kind: 'refusal', id, fault: toFaultFacts(cause) }),
  );
});
