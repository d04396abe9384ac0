import type { AgentStateName, BreakReason } from '../model/agent-machine.ts';
import type { CallId, OfferId, QueueId, UserId } from '../model/ids.ts';
import type { ScreenPop } from '../model/screen-pop.ts';

/**
 * One thing on a live page, with a key of its own. A topic is a set of items; a frame puts
 * and drops items by key, so that a page is always exactly what the server holds.
 */
export type LiveItem = MyStateItem | MyOfferItem | MyCallItem | MyWrapUpItem | QueueItem | AgentItem;

/** The agent's own state. Key `me`. */
export interface MyStateItem {
  readonly kind: 'my-state';
  readonly key: 'me';
  readonly state: AgentStateName;
  readonly since: number;
  readonly breakReason?: BreakReason;
  /** What she chose for after the call, when it is not `available`. */
  readonly next?: 'on-break' | 'offline';
}

/** The screen pop of the live offer or call. Key `pop`; stays until the wrap-up is over. */
export interface MyOfferItem {
  readonly kind: 'my-pop';
  readonly key: 'pop';
  readonly pop: ScreenPop;
}

/** The call she is in. Key `call`. */
export interface MyCallItem {
  readonly kind: 'my-call';
  readonly key: 'call';
  readonly callId: CallId;
  readonly startedAt: number;
  readonly onHold: boolean;
  readonly callerNumber: string;
  readonly callerName?: string;
}

/** The wrap-up she is in. Key `wrap-up`. */
export interface MyWrapUpItem {
  readonly kind: 'my-wrap-up';
  readonly key: 'wrap-up';
  readonly callId: CallId;
  readonly offerId?: OfferId;
  readonly deadlineAt: number;
}

/** One queue on the wallboard. Key `queue:<id>`. */
export interface QueueItem {
  readonly kind: 'queue';
  readonly key: string;
  readonly queueId: QueueId;
  readonly name: string;
  readonly waiting: number;
  /** When the longest waiting caller entered; absent when nobody waits. */
  readonly oldestEnqueuedAt?: number;
  readonly offered: number;
  /** Since midnight in the centre's zone. */
  readonly enteredToday: number;
  readonly answeredToday: number;
  readonly abandonedToday: number;
  /** Fraction 0..1, absent before the first counted call. */
  readonly serviceLevel?: number;
  /** Which formula, with its numbers: `answered within T / (answered + abandoned after T)`. */
  readonly serviceLevelFormula: string;
  readonly serviceLevelTarget: number;
  readonly agentsAvailable: number;
}

/** One agent on the wallboard. Key `agent:<id>`. */
export interface AgentItem {
  readonly kind: 'agent';
  readonly key: string;
  readonly agentId: UserId;
  readonly name: string;
  readonly state: AgentStateName;
  readonly since: number;
  readonly breakReason?: BreakReason;
  readonly queueNames: readonly string[];
}
