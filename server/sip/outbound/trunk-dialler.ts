import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { OutboundCall, OutboundOutcome } from '../../call/ports.ts';
import type { Milliseconds } from '../../base/time.ts';
import { Q850 } from '../../model/termination.ts';
import type { SipDialog, SipResponse, SipStack } from '../drachtio/messages.ts';
import { ALLOW } from '../headers/capabilities.ts';
import { parseReason } from '../headers/reason.ts';
import { hostPortOf, parseAddress } from '../headers/sip-uri.ts';
import { AgentSipLeg } from '../leg/agent-sip-leg.ts';
import { Settlement } from '../settlement.ts';
import type { SipTrunk, SipTrunks } from '../trunk/sip-trunks.ts';
import { callerIdentity, formatNumber } from './caller-identity.ts';
import { isTargetLost, refusedCall } from './refused-call.ts';
import { ring, type RingOutcome, type Ringing } from './ring.ts';

/** What a {@link TrunkDialler} works with. */
export interface TrunkDiallerOptions {
  readonly trunks: SipTrunks;
  readonly stack: () => SipStack | undefined;
  /** Hears of each answered leg, in the turn of the loop in which it is made. */
  readonly onLeg: (leg: AgentSipLeg) => void;
  readonly onFault: (cause: unknown) => void;
  readonly logger?: Logger | undefined;
  /** How long a target may say nothing at all before the next is tried; default 8 s. */
  readonly silenceMs?: Milliseconds;
}

/** Why a call stopped without its far end. */
type Stop = 'no-answer' | 'cancelled' | 'signalling-lost';

/** One call on its way through the targets. */
interface Dialling {
  readonly call: OutboundCall;
  readonly trunk: SipTrunk;
  readonly number: string;
  readonly stopped: Promise<Stop>;
}

/** What one target made of the call. */
type TargetResult =
  | { readonly kind: 'final'; readonly outcome: OutboundOutcome }
  /** It cannot serve, and nobody's telephone has rung: the next may try. */
  | { readonly kind: 'next'; readonly outcome: OutboundOutcome };

/** A 100 is not told to applications, so silence may also be a network that takes seconds to ring: not too short. */
const SILENCE_MS = 8_000;

/** Digits, a leading plus, the keys of a keypad; or an account's name. */
const NUMBER = /^(?:\+?[0-9*#]{1,32}|[a-z0-9][\w.-]{0,63})$/i;

/**
 * Places calls through trunks.
 * @remarks RFC 3263 §4.3: the next target after 503, 408 or a failure of the transport; each try is a call of its own
 *   on the wire (Call-ID), as the first may still come to life. A call that has rung stays where it rang.
 */
export class TrunkDialler {
  readonly #options: TrunkDiallerOptions;
  readonly #dialling = new Set<Settlement<Stop>>();

  constructor(options: TrunkDiallerOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async place(call: OutboundCall, signal: AbortSignal): Promise<OutboundOutcome> {
    if (signal.aborted) return { kind: 'cancelled' };
    const trunk = this.#options.trunks.find(call.trunkId);
    if (trunk?.tenantId !== call.tenantId) return failed('unknown-trunk');
    if (!NUMBER.test(call.to)) return failed('bad-number');
    const stop = new Settlement<Stop>();
    const onAbort = (): void => stop.settle('cancelled');
    const timer = setTimeout(() => stop.settle('no-answer'), call.answerTimeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#dialling.add(stop);
    try {
      return await this.#throughTargets({ call, trunk, number: formatNumber(call.to, trunk.peer), stopped: stop.promise });
    } catch (cause) {
      this.#options.onFault(cause);
      return failed('fault');
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      this.#dialling.delete(stop);
    }
  }

  /** Ends every call under way as failed: the SIP server is out of reach. */
  lose(): void {
    for (const stop of this.#dialling) stop.settle('signalling-lost');
  }

  async #throughTargets(dialling: Dialling): Promise<OutboundOutcome> {
    let outcome: OutboundOutcome = failed('no-target');
    for (const target of dialling.trunk.targetsInOrder()) {
      const result = await this.#dial(dialling, target);
      outcome = result.outcome;
      if (result.kind === 'final') return outcome;
      this.#options.logger?.warn({ callId: dialling.call.callId, trunkId: dialling.call.trunkId, target, outcome }, 'trunk target not reached');
    }
    return outcome;
  }

  /** One target, with its challenges answered. */
  async #dial(dialling: Dialling, target: string): Promise<TargetResult> {
    const { trunk, call } = dialling;
    const server = trunk.peer.domain ?? hostPortOf(target);
    const identity = callerIdentity(call.callerId, trunk.peer, trunk.peer.domain ?? parseAddress(target).host);
    if (identity.kind === 'not-allowed') return { kind: 'final', outcome: failed('caller-id-not-allowed') };
    const uri = `sip:${escaped(dialling.number)}@${server}`;
    const route = trunk.serviceRoute(target);
    const fixed = {
      ...identity.headers, From: `${identity.from};tag=${randomBytes(8).toString('hex')}`, To: `<${uri}>`, 'Call-ID': randomBytes(12).toString('hex'),
      Allow: ALLOW, 'X-Allo-Call': call.callId, ...(route === undefined ? {} : { Route: route }),
    };
    // The first with the challenge of an earlier call, if there was one; then at most a new one and a stale one.
    for (let cseq = 1; ; cseq += 1) {
      const headers = { ...fixed, CSeq: `${cseq} INVITE`, ...trunk.authorize('INVITE', uri) };
      const result = await this.#invite(dialling, { target, uri, headers });
      if (result.kind !== 'challenged') return result;
      const taken = trunk.takeChallenge({ status: result.sipStatus, get: result.header }, cseq > 1);
      if (taken !== 'answerable' || cseq > 2) {
        const reason = taken === 'unsupported' ? 'challenge-unsupported' : 'credentials-refused';
        return { kind: 'final', outcome: failed(reason, result.sipStatus) };
      }
    }
  }

  async #invite(
    { call, stopped }: Dialling, of: { readonly target: string; readonly uri: string; readonly headers: Readonly<Record<string, string>> },
  ): Promise<TargetResult | { readonly kind: 'challenged'; readonly sipStatus: number; readonly header: (name: string) => string | undefined }> {
    const stack = this.#options.stack();
    if (stack === undefined) return { kind: 'final', outcome: failed('signalling-lost') };
    const heard = new Hearing(call, this.#options.silenceMs ?? SILENCE_MS);
    const ringing = ring<AgentSipLeg>(stack, {
      uri: of.uri, proxy: of.target, sdpOffer: call.sdpOffer, headers: of.headers,
      adopt: (dialog) => this.#adopt(dialog, call),
      onProvisional: (_, response) => heard.take(response),
    });
    try {
      const result = await Promise.race([ringing.outcome, stopped, heard.silence]);
      if (result === 'silent') {
        giveUp(ringing, 'silent');
        return { kind: 'next', outcome: failed('timeout', 408, Q850.recoveryOnTimerExpiry) };
      }
      if (typeof result === 'string') {
        giveUp(ringing, result);
        return { kind: 'final', outcome: stoppedAs(result) };
      }
      return conclude(result, { target: of.target, hasRung: heard.hasRung });
    } finally {
      heard.close();
    }
  }

  #adopt(dialog: SipDialog, { legId, callId }: OutboundCall): AgentSipLeg {
    const { onFault, onLeg, logger } = this.#options;
    const leg = new AgentSipLeg(dialog, { legId, onFault, farEnd: 'caller', logger: logger?.child({ callId, sipCallId: dialog.sip.callId }) });
    onLeg(leg);
    return leg;
  }
}

/** What is heard of a call before its final response. */
class Hearing {
  readonly #call: OutboundCall;
  readonly #silence = new Settlement<'silent'>();
  readonly #timer: NodeJS.Timeout;
  #hasRung = false;

  constructor(call: OutboundCall, silenceMs: Milliseconds) {
    this.#call = call;
    this.#timer = setTimeout(() => this.#silence.settle('silent'), silenceMs);
  }

  /** Resolves when the far end said nothing for too long; else never. */
  get silence(): Promise<'silent'> {
    return this.#silence.promise;
  }

  /** Any sign of the person called: ringing, forwarding, queueing, early media. */
  get hasRung(): boolean {
    return this.#hasRung;
  }

  take(response: SipResponse): void {
    clearTimeout(this.#timer);
    if (response.status <= 100) return;
    this.#hasRung = true;
    this.#call.onProgress?.({ sipStatus: response.status, ...(response.body.trim() === '' ? {} : { sdp: response.body }) });
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

function conclude(
  result: RingOutcome<AgentSipLeg>, { target, hasRung }: { readonly target: string; readonly hasRung: boolean },
): TargetResult | { readonly kind: 'challenged'; readonly sipStatus: number; readonly header: (name: string) => string | undefined } {
  if (result.kind === 'answered') return { kind: 'final', outcome: { kind: 'answered', leg: result.leg, sdpAnswer: result.sdpAnswer, target } };
  if (result.kind === 'unsent') return { kind: 'next', outcome: failed('unreachable') };
  const { sipStatus, reasonHeader, header } = result;
  if ((sipStatus === 401 || sipStatus === 407) && header !== undefined) return { kind: 'challenged', sipStatus, header };
  const outcome = refusedCall({ sipStatus, q850: parseReason(reasonHeader).q850, hasRung });
  // A 503 that says `busy` comes from the network behind: the next target leads to the same telephone.
  return { kind: outcome.kind === 'failed' && isTargetLost(sipStatus, hasRung) ? 'next' : 'final', outcome };
}

const REASONS = {
  'no-answer': { reason: 'no-answer', sipStatus: 408 },
  cancelled: { reason: 'cancelled', sipStatus: 487 },
  'signalling-lost': { reason: 'signalling-lost', sipStatus: 503 },
  silent: { reason: 'no-response', sipStatus: 408 },
} as const;

/** Cancels; an answer that came in the same turn of the loop is hung up again. */
function giveUp(ringing: Ringing<AgentSipLeg>, why: Stop | 'silent'): void {
  ringing.cancel(REASONS[why]);
  void ringing.outcome.then((late) => (late.kind === 'answered' ? late.leg.hangUp({ result: 'system', ...REASONS[why] }) : undefined));
}

function stoppedAs(stop: Stop): OutboundOutcome {
  switch (stop) {
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'no-answer':
      return { kind: 'no-answer', sipStatus: 408, q850: Q850.noAnswer };
    case 'signalling-lost':
      return failed('signalling-lost');
  }
}

const failed = (reason: string, sipStatus?: number, q850?: number): Extract<OutboundOutcome, { kind: 'failed' }> =>
  ({ kind: 'failed', reason, ...(sipStatus === undefined ? {} : { sipStatus }), ...(q850 === undefined ? {} : { q850 }) });

/** The user part of a SIP URI (RFC 3261 §25.1): `#` must be escaped, `+` and `*` need not. */
const escaped = (number: string): string => encodeURIComponent(number).replace(/%2B/g, '+').replace(/%2A/g, '*');
