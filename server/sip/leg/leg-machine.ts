import { go, type Rules, type Step } from '../../base/machine.ts';
import type { AnswerOutcome, Refusal } from '../../call/ports.ts';
import { Q850, type Termination } from '../../model/termination.ts';
import { q850ForStatus } from './q850-for-status.ts';

/** One SIP leg; see {@link LEG_RULES}. */
export type LegState =
  /** INVITE received, nothing above 100 sent. */
  | { readonly name: 'trying' }
  /** 200 sent, ACK awaited. */
  | { readonly name: 'answering' }
  | { readonly name: 'confirmed' }
  /** `byeOnAck`: we hung up between our 200 and its ACK; the BYE may leave only after it (RFC 3261 §15). */
  | { readonly name: 'ended'; readonly termination: Termination; readonly byeOnAck: boolean };

/** What can happen to a leg: the first three are our wishes, the rest is news. */
export type LegEvent =
  | { readonly type: 'answer'; readonly sdp: string }
  | { readonly type: 'refuse'; readonly refusal: Refusal }
  | { readonly type: 'hang-up'; readonly termination: Termination }
  | { readonly type: 'acked'; readonly sdp?: string }
  /** CANCEL; the server has answered it and the INVITE (487) already. */
  | { readonly type: 'cancelled'; readonly termination: Termination }
  | { readonly type: 'bye'; readonly termination: Termination }
  /** The server gave up on the ACK, or the session timer ran out, and sent BYE itself. */
  | { readonly type: 'server-bye'; readonly termination: Termination }
  /** Our 200 could not be sent. */
  | { readonly type: 'answer-failed'; readonly termination: Termination }
  /** The connection to the SIP server is gone, and with it every dialog. */
  | { readonly type: 'signalling-lost' };

/** What the leg must do after a step. */
export type LegCommand =
  | { readonly type: 'send-answer'; readonly sdp: string }
  | { readonly type: 'send-refusal'; readonly refusal: Refusal }
  | { readonly type: 'send-bye'; readonly termination: Termination }
  | { readonly type: 'settle-answer'; readonly outcome: AnswerOutcome }
  | { readonly type: 'settle-ended'; readonly termination: Termination };

type LegStep = Step<LegState, LegCommand>;
type In<N extends LegState['name']> = Extract<LegState, { name: N }>;
type Ev<T extends LegEvent['type']> = Extract<LegEvent, { type: T }>;

/** How a leg ends when the SIP server is out of reach. */
export const SIGNALLING_LOST: Termination = { result: 'failed', reason: 'signalling-lost', q850: Q850.temporaryFailure };

/** Final response to a caller whom we hang up on before the answer: what the termination says, else 480. */
const DEFAULT_REFUSAL_STATUS = 480;

/** Ends the leg for everybody who waits for it: `ended`, and an `answer` under way. */
function end(termination: Termination, ...first: readonly LegCommand[]): LegStep {
  return go<LegState, LegCommand>(
    { name: 'ended', termination, byeOnAck: false },
    ...first,
    { type: 'settle-answer', outcome: { kind: 'gone', termination } },
    { type: 'settle-ended', termination },
  );
}

const endAsTold = (_: LegState, event: { readonly termination: Termination }): LegStep => end(event.termination);
const endLost = (): LegStep => end(SIGNALLING_LOST);

const sendAnswer = (_: In<'trying'>, event: Ev<'answer'>): LegStep => go<LegState, LegCommand>({ name: 'answering' }, { type: 'send-answer', sdp: event.sdp });

/** A refusal that names its Q.850 cause, so that it can be told to the caller and to the history alike. */
const withCause = (refusal: Refusal): Refusal & { readonly q850: number } => ({ ...refusal, q850: refusal.q850 ?? q850ForStatus(refusal.status) });

const sendRefusal = (_: In<'trying'>, event: Ev<'refuse'>): LegStep => {
  const refusal = withCause(event.refusal);
  const termination: Termination = {
    result: 'refused', reason: refusal.reason ?? `sip-${refusal.status}`, sipStatus: refusal.status, q850: refusal.q850,
  };
  return end(termination, { type: 'send-refusal', refusal });
};

const refuseAndEnd = (_: In<'trying'>, { termination }: Ev<'hang-up'>): LegStep => {
  const told = termination.sipStatus ?? DEFAULT_REFUSAL_STATUS;
  const status = told >= 400 && told <= 699 ? told : DEFAULT_REFUSAL_STATUS;
  const refusal = withCause({ status, reason: termination.reason, ...(termination.q850 === undefined ? {} : { q850: termination.q850 }) });
  return end(termination, { type: 'send-refusal', refusal });
};

const confirm = (_: In<'answering'>, event: Ev<'acked'>): LegStep => go<LegState, LegCommand>({ name: 'confirmed' }, {
  type: 'settle-answer',
  outcome: event.sdp === undefined ? { kind: 'answered' } : { kind: 'answered', ackSdp: event.sdp },
});

const byeLater = (_: In<'answering'>, { termination }: Ev<'hang-up'>): LegStep => {
  const ended = end(termination);
  return { ...ended, state: { name: 'ended', termination, byeOnAck: true } };
};

const sendBye = (_: In<'confirmed'>, { termination }: Ev<'hang-up'>): LegStep => end(termination, { type: 'send-bye', termination });

const byeNow = (state: In<'ended'>): LegStep => (state.byeOnAck
  ? go<LegState, LegCommand>({ ...state, byeOnAck: false }, { type: 'send-bye', termination: state.termination })
  : go(state));

const stillGone = (state: In<'ended'>): LegStep => go<LegState, LegCommand>(
  state, { type: 'settle-answer', outcome: { kind: 'gone', termination: state.termination } });

/**
 * One SIP leg, from the INVITE to its end.
 *
 *   trying -> answering -> confirmed -> ended
 *      |          +---- no ACK, BYE ------^
 *      +--- refuse, CANCEL, hang-up ------^
 *
 * A leg ends once: what comes after that is ignored, whoever was first. An agent's leg starts as `confirmed`.
 */
export const LEG_RULES: Rules<LegState, LegEvent, LegCommand> = {
  trying: {
    answer: sendAnswer, refuse: sendRefusal, 'hang-up': refuseAndEnd, acked: 'ignore', cancelled: endAsTold,
    bye: endAsTold, 'server-bye': endAsTold, 'answer-failed': 'ignore', 'signalling-lost': endLost,
  },
  answering: {
    answer: 'refuse', refuse: 'refuse', 'hang-up': byeLater, acked: confirm, cancelled: endAsTold,
    bye: endAsTold, 'server-bye': endAsTold, 'answer-failed': endAsTold, 'signalling-lost': endLost,
  },
  confirmed: {
    answer: 'refuse', refuse: 'refuse', 'hang-up': sendBye, acked: 'ignore', cancelled: 'ignore',
    bye: endAsTold, 'server-bye': endAsTold, 'answer-failed': 'ignore', 'signalling-lost': endLost,
  },
  ended: {
    answer: stillGone, refuse: 'ignore', 'hang-up': 'ignore', acked: byeNow, cancelled: 'ignore',
    bye: 'ignore', 'server-bye': 'ignore', 'answer-failed': 'ignore', 'signalling-lost': 'ignore',
  },
};
