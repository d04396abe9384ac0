import { go, type Rules, type Step } from '../base/machine.ts';
import type { EpochMs } from '../base/time.ts';
import type { CallId, OfferId } from './ids.ts';

/** Why an agent is not in rotation; the last three are set by the system, the others are chosen. */
export const BREAK_REASONS = ['lunch', 'coffee', 'training', 'meeting', 'signed-in', 'rona', 'fault'] as const;
export type BreakReason = (typeof BREAK_REASONS)[number];

/** Agent availability, as routing sees it; see {@link AGENT_RULES}. */
export type AgentState =
  | { readonly name: 'offline'; readonly since: EpochMs }
  | { readonly name: 'available'; readonly since: EpochMs }
  | { readonly name: 'on-break'; readonly since: EpochMs; readonly reason: BreakReason }
  | {
    readonly name: 'offered'; readonly since: EpochMs; readonly callId: CallId; readonly offerId: OfferId; readonly next: NextStatus;
    /** Since when she had been idle: a caller who gives up must not cost her the place as longest idle. */
    readonly idleSince: EpochMs;
  }
  | { readonly name: 'on-call'; readonly since: EpochMs; readonly callId: CallId; readonly next: NextStatus }
  | { readonly name: 'wrap-up'; readonly since: EpochMs; readonly callId: CallId; readonly deadlineAt: EpochMs; readonly next: NextStatus };

export type AgentStateName = AgentState['name'];

/** Where the agent goes when the present call and its wrap-up are over. */
export type NextStatus =
  | { readonly name: 'available' }
  | { readonly name: 'on-break'; readonly reason: BreakReason }
  | { readonly name: 'offline' };

/** What can happen to an agent. Time arrives on the event. */
export type AgentEvent =
  | { readonly type: 'sign-in'; readonly at: EpochMs }
  /** The last browser of the agent is gone for good (grace over), or she signed out. */
  | { readonly type: 'sign-out'; readonly at: EpochMs }
  | { readonly type: 'go-available'; readonly at: EpochMs }
  | { readonly type: 'go-on-break'; readonly at: EpochMs; readonly reason: BreakReason }
  | { readonly type: 'offer'; readonly at: EpochMs; readonly callId: CallId; readonly offerId: OfferId }
  | { readonly type: 'answer'; readonly at: EpochMs; readonly offerId: OfferId }
  /** She declined: stays in rotation, the call goes elsewhere. */
  | { readonly type: 'reject'; readonly at: EpochMs; readonly offerId: OfferId }
  | { readonly type: 'no-answer'; readonly at: EpochMs; readonly offerId: OfferId }
  /** Her softphone could not be reached or failed. */
  | { readonly type: 'offer-failed'; readonly at: EpochMs; readonly offerId: OfferId }
  /** The caller gave up while it rang. */
  | { readonly type: 'rescind'; readonly at: EpochMs; readonly offerId: OfferId }
  | { readonly type: 'call-ended'; readonly at: EpochMs; readonly callId: CallId; readonly wrapUpMs: number }
  | { readonly type: 'wrap-up-done'; readonly at: EpochMs; readonly callId: CallId }
  | { readonly type: 'wrap-up-timeout'; readonly at: EpochMs; readonly callId: CallId };

/** What the runner must do after a transition. */
export type AgentCommand =
  | { readonly type: 'start-wrap-up-timer'; readonly callId: CallId; readonly deadlineAt: EpochMs }
  | { readonly type: 'stop-wrap-up-timer' }
  /** The wrap-up is over, in whatever way; it ends exactly once (invariant 2). */
  | { readonly type: 'close-wrap-up'; readonly callId: CallId; readonly how: 'completed' | 'timed-out' | 'signed-out' }
  /** An agent who leaves with an offer ringing: the offer must end as failed. */
  | { readonly type: 'withdraw-offer'; readonly callId: CallId; readonly offerId: OfferId };

type AgentStep = Step<AgentState, AgentCommand>;
type In<N extends AgentStateName> = Extract<AgentState, { name: N }>;
type Ev<T extends AgentEvent['type']> = Extract<AgentEvent, { type: T }>;

const AVAILABLE: NextStatus = { name: 'available' };

/** The state that a chosen status means, from now on. */
function settle(next: NextStatus, at: EpochMs): AgentState {
  return { ...next, since: at };
}

const goAvailable = (_: AgentState, event: { at: EpochMs }): AgentStep => go({ name: 'available', since: event.at });
const goOffline = (_: AgentState, event: { at: EpochMs }): AgentStep => go({ name: 'offline', since: event.at });
const goOnBreak = (_: AgentState, event: Ev<'go-on-break'>): AgentStep =>
  go({ name: 'on-break', since: event.at, reason: event.reason });

const ringSoftphone = (state: In<'available'>, event: Ev<'offer'>): AgentStep =>
  go({ name: 'offered', since: event.at, callId: event.callId, offerId: event.offerId, next: AVAILABLE, idleSince: state.since });

/** Events of an offer that is not the live one come late and change nothing. */
const forLiveOffer = <E extends { offerId: OfferId }>(
  apply: (state: In<'offered'>, event: E) => AgentStep,
) => (state: In<'offered'>, event: E): AgentStep => (event.offerId === state.offerId ? apply(state, event) : go(state));

const connect = forLiveOffer((state, event: Ev<'answer'>) =>
  go({ name: 'on-call', since: event.at, callId: state.callId, next: state.next }));
const backInRotation = forLiveOffer((state, event: Ev<'reject'>) => go(settle(state.next, event.at)));
const asIfNotOffered = forLiveOffer((state, event: Ev<'rescind'>) =>
  go(settle(state.next, state.next.name === 'available' ? state.idleSince : event.at)));
const redirectOnNoAnswer = forLiveOffer((state, event: Ev<'no-answer'>) =>
  go(state.next.name === 'offline' ? settle(state.next, event.at) : { name: 'on-break', since: event.at, reason: 'rona' }));
const takeOutOnFault = forLiveOffer((state, event: Ev<'offer-failed'>) =>
  go(state.next.name === 'offline' ? settle(state.next, event.at) : { name: 'on-break', since: event.at, reason: 'fault' }));

/** A status chosen while busy takes effect when the call and its wrap-up are over. */
const later = (next: (event: AgentEvent) => NextStatus) =>
  <S extends In<'offered'> | In<'on-call'> | In<'wrap-up'>>(state: S, event: AgentEvent): AgentStep => go({ ...state, next: next(event) });
const laterAvailable = later(() => AVAILABLE);
const laterOffline = later(() => ({ name: 'offline' }));
const laterOnBreak = (state: In<'offered'> | In<'on-call'> | In<'wrap-up'>, event: Ev<'go-on-break'>): AgentStep =>
  go({ ...state, next: { name: 'on-break', reason: event.reason } });

const withdrawAndLeave = (state: In<'offered'>, event: Ev<'sign-out'>): AgentStep =>
  go({ name: 'offline', since: event.at }, { type: 'withdraw-offer', callId: state.callId, offerId: state.offerId });

const startWrapUp = (state: In<'on-call'>, event: Ev<'call-ended'>): AgentStep => {
  if (event.callId !== state.callId) return go(state);
  // A cast back to the brand: an instant plus a length of time is an instant.
  const deadlineAt = (event.at + event.wrapUpMs) as EpochMs;
  return go(
    { name: 'wrap-up', since: event.at, callId: state.callId, deadlineAt, next: state.next },
    { type: 'start-wrap-up-timer', callId: state.callId, deadlineAt },
  );
};

const endWrapUp = (how: 'completed' | 'timed-out') =>
  (state: In<'wrap-up'>, event: { at: EpochMs; callId: CallId }): AgentStep =>
    event.callId !== state.callId
      ? go(state)
      : go(settle(state.next, event.at), { type: 'stop-wrap-up-timer' }, { type: 'close-wrap-up', callId: state.callId, how });
const leaveInWrapUp = (state: In<'wrap-up'>, event: Ev<'sign-out'>): AgentStep =>
  go({ name: 'offline', since: event.at }, { type: 'stop-wrap-up-timer' }, { type: 'close-wrap-up', callId: state.callId, how: 'signed-out' });

/**
 * Agent availability, as routing sees it.
 *
 *   offline -> on-break('signed-in') -> available -> offered -> on-call -> wrap-up -> available
 *                                           |            +-- no-answer ----> on-break('rona')
 *                                           |            +-- offer-failed -> on-break('fault')
 *                                           +-- go-on-break --> on-break
 *
 * RONA: an agent who lets an offer ring out leaves the rotation, or the same call would be
 * offered to the same empty chair again. A status chosen while busy is kept in `next` and
 * holds once the call and its wrap-up are over ("last call, then break").
 */
export const AGENT_RULES: Rules<AgentState, AgentEvent, AgentCommand> = {
  offline: {
    'sign-in': (_, event) => go({ name: 'on-break', since: event.at, reason: 'signed-in' }),
    'sign-out': 'ignore', 'go-available': 'refuse', 'go-on-break': 'refuse', offer: 'refuse', answer: 'refuse',
    reject: 'ignore', 'no-answer': 'ignore', 'offer-failed': 'ignore', rescind: 'ignore',
    'call-ended': 'ignore', 'wrap-up-done': 'ignore', 'wrap-up-timeout': 'ignore',
  },
  available: {
    'sign-in': 'ignore', 'sign-out': goOffline, 'go-available': 'ignore', 'go-on-break': goOnBreak,
    offer: ringSoftphone, answer: 'refuse',
    reject: 'ignore', 'no-answer': 'ignore', 'offer-failed': 'ignore', rescind: 'ignore',
    'call-ended': 'ignore', 'wrap-up-done': 'ignore', 'wrap-up-timeout': 'ignore',
  },
  'on-break': {
    'sign-in': 'ignore', 'sign-out': goOffline, 'go-available': goAvailable, 'go-on-break': goOnBreak,
    offer: 'refuse', answer: 'refuse',
    reject: 'ignore', 'no-answer': 'ignore', 'offer-failed': 'ignore', rescind: 'ignore',
    'call-ended': 'ignore', 'wrap-up-done': 'ignore', 'wrap-up-timeout': 'ignore',
  },
  offered: {
    'sign-in': 'ignore', 'sign-out': withdrawAndLeave, 'go-available': laterAvailable, 'go-on-break': laterOnBreak,
    offer: 'refuse', answer: connect,
    reject: backInRotation, 'no-answer': redirectOnNoAnswer, 'offer-failed': takeOutOnFault, rescind: asIfNotOffered,
    'call-ended': 'ignore', 'wrap-up-done': 'ignore', 'wrap-up-timeout': 'ignore',
  },
  'on-call': {
    'sign-in': laterAvailable, 'sign-out': laterOffline, 'go-available': laterAvailable, 'go-on-break': laterOnBreak,
    offer: 'refuse', answer: 'ignore',
    reject: 'ignore', 'no-answer': 'ignore', 'offer-failed': 'ignore', rescind: 'ignore',
    'call-ended': startWrapUp, 'wrap-up-done': 'ignore', 'wrap-up-timeout': 'ignore',
  },
  'wrap-up': {
    'sign-in': comeBack, 'sign-out': leaveInWrapUp, 'go-available': endWrapUpNow, 'go-on-break': laterOnBreak,
    offer: 'refuse', answer: 'refuse',
    reject: 'ignore', 'no-answer': 'ignore', 'offer-failed': 'ignore', rescind: 'ignore',
    'call-ended': 'ignore', 'wrap-up-done': endWrapUp('completed'), 'wrap-up-timeout': endWrapUp('timed-out'),
  },
};

/** An agent who was lost in mid-call and is back before the wrap-up ends must not end it offline, with her desk open. */
function comeBack(state: In<'wrap-up'>): AgentStep {
  return go(state.next.name === 'offline' ? { ...state, next: { name: 'on-break', reason: 'signed-in' } } : state);
}

/** "Available" pressed during wrap-up ends it. */
function endWrapUpNow(state: In<'wrap-up'>, event: Ev<'go-available'>): AgentStep {
  return go({ name: 'available', since: event.at }, { type: 'stop-wrap-up-timer' }, { type: 'close-wrap-up', callId: state.callId, how: 'completed' });
}
