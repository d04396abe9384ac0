import { randomBytes } from 'node:crypto';
import type { Milliseconds } from '../../base/time.ts';
import type { OutboundCall, OutboundOutcome } from '../../call/ports.ts';
import { Q850 } from '../../model/termination.ts';
import { answerChallenges } from '../digest/digest-exchange.ts';
import type { SipDialog, SipStack } from '../drachtio/messages.ts';
import { ALLOW } from '../headers/capabilities.ts';
import { parseReason } from '../headers/reason.ts';
import { sipUri, userPart, type SipUri } from '../headers/request-uri.ts';
import { askForSessionTimer, longerSession, SESSION_EXPIRES_S } from '../headers/session-timer.ts';
import type { HeaderFields } from '../headers/sip-headers.ts';
import { hostPortOf, parseAddress } from '../headers/sip-uri.ts';
import type { AgentSipLeg } from '../leg/agent-sip-leg.ts';
import type { SipTrunk } from '../trunk/sip-trunk.ts';
import { callerIdentity } from './caller-identity.ts';
import { Hearing } from './hearing.ts';
import { isTargetLost, refusedCall } from './refused-call.ts';
import { ring, type Ringing, type RingOutcome } from './ring.ts';

/** Why a call stopped without its far end. */
export type Stop = 'no-answer' | 'cancelled' | 'signalling-lost';

/** One call on its way through the targets of its trunk. */
export interface Dialling {
  readonly call: OutboundCall;
  readonly trunk: SipTrunk;
  /** As the trunk knows numbers. */
  readonly number: string;
  readonly stopped: Promise<Stop>;
  readonly stack: () => SipStack | undefined;
  /** How long a target may say nothing at all. */
  readonly silenceMs: Milliseconds;
  /** Takes over the dialog of the answer. */
  readonly adopt: (dialog: SipDialog, target: SipUri) => AgentSipLeg;
}

/** What one target made of the call. */
export type TargetResult =
  | { readonly kind: 'final'; readonly outcome: OutboundOutcome }
  /** It cannot serve, and nobody's telephone has rung: the next may try. */
  | { readonly kind: 'next'; readonly outcome: OutboundOutcome };

/** What one INVITE came to, and whether it rang. */
type Heard = { readonly result: RingOutcome<AgentSipLeg> | Stop | 'silent'; readonly hasRung: boolean };

/** A target that raises its Min-SE again and again does not keep to the rules. */
const MAX_INTERVALS = 3;

/**
 * Calls through one target, with its challenges answered, and with the session interval that it wants.
 * @remarks RFC 3261 §22.2: each repetition keeps Call-ID and From tag, and counts CSeq; RFC 4028 §7.3 (422).
 * @throws AppError `sip.unsafe-uri`, `sip.unsafe-header`.
 */
export async function dialTarget(dialling: Dialling, target: SipUri): Promise<TargetResult> {
  const { trunk, call, number } = dialling;
  const identity = callerIdentity(call.callerId, trunk.peer, trunk.peer.domain ?? parseAddress(target).host);
  if (identity.kind === 'not-allowed') return final(failed('caller-id-not-allowed'));
  const uri = sipUri(`sip:${userPart(number)}@${trunk.peer.domain ?? hostPortOf(target)}`);
  const fixed: HeaderFields = {
    ...identity.headers, From: `${identity.from};tag=${randomBytes(8).toString('hex')}`, To: `<${uri}>`, 'Call-ID': randomBytes(12).toString('hex'),
    Allow: ALLOW, 'X-Allo-Call': call.callId, Route: trunk.serviceRoute(target),
  };
  const exchange = trunk.exchangeWith(target);
  let cseq = 0;
  let seconds = SESSION_EXPIRES_S;
  const attempt = (): Promise<Heard> => {
    cseq += 1;
    const headers = { ...fixed, CSeq: `${cseq} INVITE`, ...askForSessionTimer(seconds), ...exchange?.authorize('INVITE', uri) };
    return invite(dialling, { target, uri, headers });
  };
  for (let interval = 1; ; interval += 1) {
    const { result: heard, unanswered } = await answerChallenges(exchange, attempt, refusalIn);
    const longer = refusalIn(heard)?.status === 422 ? longerSession(refusalIn(heard)?.get('Min-SE'), seconds) : undefined;
    if (longer === undefined || interval === MAX_INTERVALS) return conclude(heard, { target, unanswered });
    seconds = longer;
  }
}

const refusalIn = ({ result }: Heard) => (typeof result !== 'string' && result.kind === 'refused' ? result.response : undefined);

async function invite(
  dialling: Dialling, of: { readonly target: SipUri; readonly uri: SipUri; readonly headers: HeaderFields },
): Promise<Heard> {
  const { call, trunk, stopped } = dialling;
  const stack = dialling.stack();
  if (stack === undefined) return { result: 'signalling-lost', hasRung: false };
  const heard = new Hearing(call, dialling.silenceMs);
  try {
    const ringing = ring<AgentSipLeg>(stack, {
      uri: of.uri, proxy: of.target, sdpOffer: call.sdpOffer, headers: of.headers,
      adopt: (dialog) => dialling.adopt(dialog, of.target),
      exchangesIn: (dialog) => trunk.exchangesIn(dialog, of.target),
      onProvisional: (_, response) => heard.take(response),
    });
    const result = await Promise.race([ringing.outcome, stopped, heard.silence]);
    if (typeof result === 'string') giveUp(ringing, result);
    return { result, hasRung: heard.hasRung };
  } finally {
    heard.close();
  }
}

function conclude(
  { result, hasRung }: Heard, { target, unanswered }: { readonly target: SipUri; readonly unanswered: 'refused' | 'unsupported' | undefined },
): TargetResult {
  if (result === 'silent') return { kind: 'next', outcome: failed('timeout', 408, Q850.recoveryOnTimerExpiry) };
  if (typeof result === 'string') return final(stoppedAs(result));
  if (result.kind === 'answered') return final({ kind: 'answered', leg: result.leg, sdpAnswer: result.sdpAnswer, target });
  if (result.kind === 'unsent') return { kind: 'next', outcome: failed('unreachable') };
  const { sipStatus, reasonHeader } = result;
  if (unanswered !== undefined) return final(failed(unanswered === 'unsupported' ? 'challenge-unsupported' : 'credentials-refused', sipStatus));
  const outcome = refusedCall({ sipStatus, q850: parseReason(reasonHeader).q850, hasRung });
  // A 503 that says `busy` comes from the network behind: the next target leads to the same telephone.
  return { kind: outcome.kind === 'failed' && isTargetLost(sipStatus, hasRung) ? 'next' : 'final', outcome };
}

const final = (outcome: OutboundOutcome): TargetResult => ({ kind: 'final', outcome });

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

/** A call that could not be placed; `reason` is a stable word. */
export const failed = (reason: string, sipStatus?: number, q850?: number): Extract<OutboundOutcome, { kind: 'failed' }> =>
  ({ kind: 'failed', reason, ...(sipStatus === undefined ? {} : { sipStatus }), ...(q850 === undefined ? {} : { q850 }) });
