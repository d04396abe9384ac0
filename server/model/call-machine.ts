import { go, type Rules, type Step } from '../base/machine.ts';
import type { CallFact } from './events.ts';
import type { OfferId, QueueId, UserId } from './ids.ts';
import type { Termination } from './termination.ts';

/** Where a call stands, as its facts say; see {@link CALL_RULES}. */
export type CallState =
  | { readonly name: 'new' }
  | { readonly name: 'received' }
  | { readonly name: 'answered' }
  | { readonly name: 'in-ivr' }
  | { readonly name: 'queued'; readonly queueId: QueueId }
  | { readonly name: 'offered'; readonly queueId: QueueId; readonly offerId: OfferId; readonly agentId: UserId }
  /** An offer was accepted; the entry left its queue. */
  | { readonly name: 'connecting'; readonly agentId: UserId }
  | { readonly name: 'talking'; readonly agentId: UserId; readonly onHold: boolean }
  | { readonly name: 'ended'; readonly termination: Termination };

export type CallStateName = CallState['name'];

type CallStep = Step<CallState, never>;
type In<N extends CallStateName> = Extract<CallState, { name: N }>;
type Fact<T extends CallFact['type']> = Extract<CallFact, { type: T }>;

const stay = (state: CallState): CallStep => go(state);
const end = (_: CallState, fact: Fact<'call.ended'>): CallStep => go({ name: 'ended', termination: fact.termination });
const toAnswered = (): CallStep => go({ name: 'answered' });
const enterQueue = (_: CallState, fact: Fact<'queue.entered'>): CallStep => go({ name: 'queued', queueId: fact.queueId });
const offer = (state: In<'queued'>, fact: Fact<'offer.made'>): CallStep =>
  go({ name: 'offered', queueId: state.queueId, offerId: fact.offerId, agentId: fact.agentId });
const endOffer = (state: In<'offered'>, fact: Fact<'offer.ended'>): CallStep => {
  if (fact.offerId !== state.offerId) return go(state);
  return fact.outcome === 'accepted'
    ? go({ name: 'connecting', agentId: state.agentId })
    : go({ name: 'queued', queueId: state.queueId });
};
const setHold = (onHold: boolean) => (state: In<'talking'>): CallStep => go({ ...state, onHold });

/** Facts that no row below accepts, unless the row says otherwise. */
const REFUSE_ALL = {
  'call.received': 'refuse', 'caller.identified': 'refuse', 'call.answered': 'refuse', 'ivr.entered': 'refuse',
  'ivr.stepped': 'refuse', 'ivr.finished': 'refuse', 'queue.entered': 'refuse', 'queue.left': 'refuse',
  'offer.made': 'refuse', 'pop.sent': 'refuse', 'offer.ended': 'refuse', 'bridge.started': 'refuse',
  'hold.started': 'refuse', 'hold.ended': 'refuse', 'bridge.ended': 'refuse', 'call.ended': 'refuse',
  'wrap-up.started': 'refuse', 'wrap-up.ended': 'refuse', 'recording.started': 'refuse', 'recording.skipped': 'refuse',
  'recording.paused': 'refuse', 'recording.resumed': 'refuse', 'recording.stopped': 'refuse',
} as const;

/** Recordings come and go beside the course of an answered call. */
const RECORDING = {
  'recording.started': stay, 'recording.skipped': stay, 'recording.paused': stay, 'recording.resumed': stay, 'recording.stopped': stay,
} as const;

/**
 * One call, by its facts, in the order in which they may come.
 *
 *   new -> received -> answered -> in-ivr -> answered -> queued <-> offered
 *                                                          ^           | accepted
 *                                                          |           v
 *                         answered <- bridge.ended - talking <-- connecting
 *   call.ended from everywhere; only identification, wrap-up and the end of recordings may follow it.
 *
 * An agent who is lost in mid-call sends the customer back to a queue, so `answered` is also
 * where a call stands between an agent and its next queue. The table guards the ledger: a
 * fact that it refuses is a fault of the program, reported and not recorded.
 */
export const CALL_RULES: Rules<CallState, CallFact, never> = {
  new: { ...REFUSE_ALL, 'call.received': () => go({ name: 'received' }) },
  received: { ...REFUSE_ALL, 'caller.identified': stay, 'call.answered': toAnswered, 'call.ended': end },
  answered: {
    ...REFUSE_ALL, ...RECORDING,
    'caller.identified': stay, 'ivr.entered': () => go({ name: 'in-ivr' }), 'queue.entered': enterQueue,
    'call.ended': end, 'wrap-up.started': stay, 'wrap-up.ended': stay,
  },
  'in-ivr': {
    ...REFUSE_ALL, ...RECORDING,
    'caller.identified': stay, 'ivr.stepped': stay, 'ivr.finished': toAnswered, 'call.ended': end,
  },
  queued: {
    ...REFUSE_ALL, ...RECORDING,
    'caller.identified': stay, 'offer.made': offer, 'queue.left': toAnswered, 'call.ended': end,
    'wrap-up.started': stay, 'wrap-up.ended': stay,
  },
  offered: {
    ...REFUSE_ALL, ...RECORDING,
    'caller.identified': stay, 'pop.sent': stay, 'offer.ended': endOffer, 'call.ended': end,
    'wrap-up.started': stay, 'wrap-up.ended': stay,
  },
  connecting: {
    ...REFUSE_ALL, ...RECORDING,
    'caller.identified': stay, 'queue.left': stay, 'call.ended': end,
    'bridge.started': (state) => go({ name: 'talking', agentId: state.agentId, onHold: false }),
    'wrap-up.started': stay, 'wrap-up.ended': stay,
  },
  talking: {
    ...REFUSE_ALL, ...RECORDING,
    'caller.identified': stay, 'hold.started': setHold(true), 'hold.ended': setHold(false),
    'bridge.ended': toAnswered, 'call.ended': end, 'wrap-up.started': stay, 'wrap-up.ended': stay,
  },
  ended: {
    ...REFUSE_ALL,
    'caller.identified': stay, 'wrap-up.started': stay, 'wrap-up.ended': stay,
    'recording.paused': stay, 'recording.resumed': stay, 'recording.stopped': stay,
  },
};
