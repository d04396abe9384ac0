import type { EpochMs } from '../base/time.ts';
import type { CallId, OfferId, QueueId, TenantId, UserId } from '../model/ids.ts';
import type { AgentView, Assignment, Offer, OfferOutcome, QueueEntry, RoutingSnapshot } from '../model/routing.ts';

/** How a claim went: the store is the only judge of who gets what. */
export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly offer: Offer }
  /** The world moved since the snapshot: decide again. */
  | { readonly kind: 'stale'; readonly because: 'entry-gone' | 'entry-offered' | 'agent-gone' | 'agent-busy' };

/** What changed in the store; a decision may be due. */
export interface RoutingChange {
  readonly tenantId: TenantId;
}

/**
 * Waiting calls and agents' availability; the one place where both are changed together.
 * Memory here, Redis later; both pass one contract suite. A claim is atomic: an agent has at
 * most one live offer, an entry at most one live offer (invariant 2).
 */
export interface RoutingStore {
  enqueue(entry: QueueEntry): Promise<void>;
  /** Takes a call out of its queue (answered, abandoned, …). @returns whether it was there. Its live offer, if any, stays until settled. */
  remove(callId: CallId): Promise<boolean>;
  putAgent(agent: AgentView): Promise<void>;
  removeAgent(agentId: UserId): Promise<void>;
  /** All entries without a live offer, smallest key first, and all agents of the tenant. */
  snapshot(tenantId: TenantId): Promise<RoutingSnapshot>;
  /** Entries of one queue, offered ones included, smallest key first: for the wallboard and positions. */
  waiting(tenantId: TenantId, queueId: QueueId): Promise<readonly QueueEntry[]>;
  claim(assignment: Assignment, offerId: OfferId, at: EpochMs): Promise<ClaimOutcome>;
  /**
   * Ends an offer: `accepted` removes the entry; all others return it to its queue with its
   * original key, and record a decline for `rejected`, `timeout` and `failed`. Idempotent.
   */
  settle(offerId: OfferId, outcome: OfferOutcome, at: EpochMs): Promise<void>;
  /** @returns a function that stops listening. */
  onChange(listener: (change: RoutingChange) => void): () => void;
}
