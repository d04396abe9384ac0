import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeError } from '../../base/app-error.ts';
import { delay } from '../../base/deadline.ts';
import { newId } from '../../base/new-id.ts';
import { Scope } from '../../base/scope.ts';
import type { MediaLeg } from '../../call/ports.ts';
import { readWav } from '../../media/listen/wav.ts';
import { decodeTelephoneWav } from '../../media/player/wav-file.ts';
import { WorkerMedia } from '../../media/worker-media.ts';
import { asId, type CallId, type LegId } from '../../model/ids.ts';
import { Q850, type Termination } from '../../model/termination.ts';
import { SipEngine } from '../../sip-engine/sip-engine.ts';
import { SipCaller, type CallerLeg, type Dialling, type DialOutcome } from '../../sip/outbound/sip-caller.ts';
import { CallLog, describeEnd, describeRefusal } from './call-log.ts';
import { describeHeard, hear } from './hear.ts';
import { localAddressTowards } from './local-address.ts';
import type { CallRequest } from './parse-args.ts';

/** Where the call reports to, and what ends it early. */
export interface CallSurroundings {
  readonly print: (line: string) => void;
  /** Ctrl-C: cancels or hangs up. */
  readonly signal: AbortSignal;
}

/** Exit code of the command. */
export type ExitCode = 0 | 1 | 2;

const PROMPTS = fileURLToPath(new URL('../../../ivr-flows/prompts', import.meta.url));
/** Away from the ports of a centre on the same machine. */
const RTP_PORTS = { min: 30_000, max: 32_000 };
/** Between two keys without a wait of their own. */
const BETWEEN_KEYS_MS = 1_000;
/** For the 487 after our CANCEL. */
const CANCEL_MS = 1_000;
/** For the answer to our BYE, before the sockets close. */
const PARTING_MS = 200;

/**
 * Places one call: the story of `npm run call`.
 * @returns 0 when it was answered, 1 when not, 2 for a file that cannot be used. Never rejects for what a far end does.
 */
export async function placeCall(request: CallRequest, { print, signal }: CallSurroundings): Promise<ExitCode> {
  if (request.playPath !== undefined) {
    const problem = await wavProblem(request.playPath);
    if (problem !== undefined) {
      print(problem);
      return 2;
    }
  }
  const scope = new Scope();
  try {
    return await converse(request, { print, signal }, scope);
  } finally {
    await scope.close();
  }
}

async function wavProblem(path: string): Promise<string | undefined> {
  try {
    decodeTelephoneWav(await readFile(path), path);
    return undefined;
  } catch (cause) {
    return `--play: ${describeError(cause)}`;
  }
}

async function converse(request: CallRequest, { print, signal }: CallSurroundings, scope: Scope): Promise<ExitCode> {
  const log = new CallLog(print);
  const { media, caller } = await openTelephone(request, scope, log);
  const { leg, sdp } = await media.offerLeg({ callId: asId<CallId>(newId()), legId: asId<LegId>(newId()), kind: 'rtp' });
  const { host, port } = request.server;
  log.start();
  log.say(`dialling ${request.to} at ${host}:${port} as ${request.from}`);
  const dialling = caller.dial({
    to: request.to, server: request.server, from: request.from, sdpOffer: sdp,
    onProvisional: (status) => log.say(status === 180 ? 'ringing' : `progress ${status}`),
  });
  const outcome = await takenOrCancelled(dialling, signal);
  if (outcome.kind !== 'answered') {
    log.say(signal.aborted ? 'given up before the answer' : describeRefusal(outcome));
    return 1;
  }
  log.say(`answered after ${log.elapsedMs} ms`);
  const agreed = await leg.acceptAnswer(outcome.sdpAnswer);
  if (agreed.kind === 'unsupported') {
    log.say(`the answer cannot be used: ${agreed.reason}`);
    await outcome.leg.hangUp({ result: 'caller', reason: 'answer-unusable', sipStatus: 488, q850: Q850.bearerNotImplemented });
    return 1;
  }
  const recordPath = request.recordPath === undefined ? await temporaryFile(scope) : resolve(request.recordPath);
  const recording = await media.record(leg, recordPath);
  await talk({ request, log, leg, callerLeg: outcome.leg, signal });
  await recording.stop();
  for (const line of describeHeard(hear((await readWav(recordPath)).samples))) print(line);
  if (request.recordPath !== undefined) print(`recorded to ${request.recordPath}`);
  await delay(PARTING_MS);
  return 0;
}

/** Waits for the far end; on Ctrl-C sends CANCEL, and does not wait for ever for what comes of it. */
async function takenOrCancelled(dialling: Dialling, signal: AbortSignal): Promise<DialOutcome> {
  const taken = new AbortController();
  const patience = new Promise<void>((resolve) => {
    const onAbort = (): void => {
      dialling.cancel();
      void delay(CANCEL_MS, taken.signal).then(() => resolve());
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true, signal: taken.signal });
  });
  const outcome = await Promise.race([dialling.outcome, patience]);
  taken.abort();
  return outcome ?? { kind: 'unsent', reason: 'cancelled' };
}

/** A SIP server, a caller and a media worker of this process's own, on ephemeral ports. */
async function openTelephone(request: CallRequest, scope: Scope, log: CallLog): Promise<{ media: WorkerMedia; caller: SipCaller }> {
  const host = await localAddressTowards(request.server.host, request.server.port);
  const onFault = (fault: { readonly message: string }): void => log.say(`fault: ${fault.message}`);
  const secret = randomBytes(24).toString('base64url');
  const engine = await SipEngine.start({ listeners: [{ transport: 'udp', host, port: 0 }], secret, onFault });
  scope.onClose(() => engine.close());
  const caller = await SipCaller.connect(
    { secret, attach: (server) => engine.attach(server) }, (cause) => onFault({ message: describeError(cause) }));
  scope.onClose(() => caller.close());
  const media = await WorkerMedia.start({ host, rtpPorts: RTP_PORTS, promptsDirectory: PROMPTS, onFault });
  scope.onClose(() => media.close());
  return { media, caller };
}

async function temporaryFile(scope: Scope): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'allo-call-'));
  scope.onClose(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'heard.wav');
}

/** A call that was answered, and what to do in it. */
interface Conversation {
  readonly request: CallRequest;
  readonly log: CallLog;
  readonly leg: MediaLeg;
  readonly callerLeg: CallerLeg;
  readonly signal: AbortSignal;
}

/** From the answer to the end: speaks, presses keys, and waits for whoever ends it first. */
async function talk({ request, log, leg, callerLeg, signal }: Conversation): Promise<void> {
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  if (request.playPath !== undefined) {
    log.say(`speaking ${request.playPath}`);
    void leg.play([{ kind: 'file', path: resolve(request.playPath) }]).done.then((how) => {
      if (!over.signal.aborted) log.say(how === 'finished' ? 'spoke to the end' : `speaking ${how}`);
    });
  }
  const pressing = press(request, { leg, log, signal: stop });
  const termination = await Promise.race([
    callerLeg.ended,
    leg.failed.then(({ reason }): Termination => ({ result: 'failed', reason, q850: Q850.temporaryFailure })),
    delay(request.forS * 1000, stop).then((how): Termination => ({
      result: 'caller', reason: how === 'aborted' ? 'interrupted' : `after ${request.forS} s`, q850: Q850.normalClearing,
    })),
  ]);
  over.abort();
  await callerLeg.hangUp(termination);
  await pressing;
  log.say(describeEnd(termination));
}

async function press(request: CallRequest, { leg, log, signal }: { leg: MediaLeg; log: CallLog; signal: AbortSignal }): Promise<void> {
  if (request.press.length === 0) return;
  let isWaiting = await delay(request.waitS * 1000, signal);
  for (const [index, step] of request.press.entries()) {
    if (isWaiting === 'aborted') return;
    if (step.kind === 'wait') {
      isWaiting = await delay(step.seconds * 1000, signal);
      continue;
    }
    leg.sendDigit(step.digit);
    log.say(`pressed ${step.digit}`);
    if (request.press[index + 1]?.kind === 'press') isWaiting = await delay(BETWEEN_KEYS_MS, signal);
  }
}
