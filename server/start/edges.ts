import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SipCredentials } from '../access/ports.ts';
import type { Scope } from '../base/scope.ts';
import type { Clock } from '../base/time.ts';
import type { TrunkTable } from '../call/find-trunk.ts';
import type { InboundLeg } from '../call/ports.ts';
import type { Config } from '../config.ts';
import type { SpeechSynthesizer } from '../ivr/ports.ts';
import { openSpeech } from '../media/speech/open-speech.ts';
import { WorkerMedia } from '../media/worker-media.ts';
import type { Trunk } from '../model/centre.ts';
import type { DrachtioAddress } from '../sip/drachtio/connection.ts';
import { SipApplication } from '../sip/sip-application.ts';
import { SipEngine, type SipEngineOptions } from '../sip-engine/sip-engine.ts';
import type { FaultReport } from './fault-log.ts';
import { readTrunkPassword } from './trunk-password.ts';
import type { Logger } from 'pino';

const PROMPTS_DIRECTORY = fileURLToPath(new URL('../../ivr-flows/prompts', import.meta.url));

/** What every edge is opened with. */
export interface EdgeOptions {
  readonly config: Config;
  readonly scope: Scope;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onFault: FaultReport;
}

/** Starts the media worker and the speech port. @throws AppError when the worker cannot start. */
export async function openMedia({ config, scope, onFault }: EdgeOptions): Promise<{ readonly media: WorkerMedia; readonly speech: SpeechSynthesizer }> {
  const report = ({ code, message }: { readonly code: string; readonly message: string }): void => onFault(message, code);
  const media = await WorkerMedia.start({
    host: config.ALLO_MEDIA_HOST,
    rtpPorts: { min: config.ALLO_RTP_PORT_MIN, max: config.ALLO_RTP_PORT_MAX },
    promptsDirectory: PROMPTS_DIRECTORY,
    onFault: report,
  });
  scope.onClose(() => media.close());
  return { media, speech: openSpeech({ directory: join(config.ALLO_DATA_DIR, 'speech'), onFault: report }) };
}

/** What the SIP side needs of the calls. */
export interface SipEdgeOptions extends EdgeOptions {
  /** Says which trunk a call came by. */
  readonly trunks: TrunkTable;
  /** All trunks: those with a far end are registered, watched and called through. */
  readonly peers: readonly Trunk[];
  readonly credentials: SipCredentials;
  readonly onInbound: (leg: InboundLeg) => void;
  readonly timers?: SipEngineOptions['timers'];
}

/**
 * Starts the SIP application, on the embedded server or on the drachtio-server that the configuration names.
 * @returns no engine for the latter: it owns the sockets.
 * @throws AppError when a port is taken, or the drachtio-server is not there or does not take the secret.
 */
export async function openSip(options: SipEdgeOptions): Promise<{ readonly engine?: SipEngine; readonly sip: SipApplication }> {
  const { config, scope, clock, log, onFault, trunks, peers, credentials, onInbound } = options;
  const elsewhere = drachtioElsewhere(config);
  const embedded = elsewhere ? undefined : await openEngine(options);
  const sip = await SipApplication.connect({
    drachtio: elsewhere ?? { host: '127.0.0.1', port: embedded?.engine.adminPort ?? 0, secret: embedded?.secret ?? '' },
    realm: config.ALLO_SIP_DOMAIN, credentials, clock, logger: log, onInbound,
    admit: (invite) => (trunks.find(invite) ? { kind: 'trunk' } : { kind: 'hostile' }),
    trunks: peers, trunkPassword: (trunkId) => readTrunkPassword(config.ALLO_DATA_DIR, trunkId),
    onFault: (cause) => onFault(cause, 'sip'),
  });
  scope.onClose(() => sip.close());
  return { sip, ...(embedded ? { engine: embedded.engine } : {}) };
}

const DRACHTIO_ADMIN_PORT = 9022;

/** Where the drachtio-server is that the configuration names; nothing without one. */
function drachtioElsewhere(config: Config): DrachtioAddress | undefined {
  if (config.ALLO_DRACHTIO_URL === undefined) return undefined;
  const { hostname, port, password } = new URL(config.ALLO_DRACHTIO_URL);
  return {
    host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? DRACHTIO_ADMIN_PORT : Number(port),
    secret: config.ALLO_DRACHTIO_SECRET ?? decodeURIComponent(password),
  };
}

/** This machine: the command line's caller, the tests, a proxy before the pages. */
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

async function openEngine({ config, scope, onFault, timers, peers }: SipEdgeOptions): Promise<{ readonly engine: SipEngine; readonly secret: string }> {
  const secret = randomBytes(24).toString('base64url');
  const engine = await SipEngine.start({
    listeners: (['udp', 'tcp'] as const).map((transport) => ({ transport, host: config.ALLO_SIP_HOST, port: config.ALLO_SIP_PORT })),
    adminPort: 0, secret,
    // A carrier sends what its customers dial: neither its rate nor its wrong numbers say anything against it.
    guard: { trusted: [...LOOPBACK, ...peers.flatMap(({ kind, addresses }) => (kind === 'sip' ? addresses : []))] },
    onFault: ({ code, message }) => onFault(message, code),
    ...(timers ? { timers } : {}),
  });
  scope.onClose(() => engine.close());
  return { engine, secret };
}
