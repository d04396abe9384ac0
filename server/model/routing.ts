import type { EpochMs, Milliseconds } from '../base/time.ts';
import type { CallId, CustomerId, OfferId, QueueId, TenantId, UserId } from './ids.ts';
import type { Language } from './language.ts';
import type { Tier } from './value.ts';

/** Why an entry has the head start it has: each part in milliseconds, before the bound is applied. */
export interface HeadStart {
  /** 0..maxHeadStartMs: what the key subtracts. */
  readonly ms: Milliseconds;
  readonly parts: readonly { readonly reason: string; readonly ms: Milliseconds }[];
  readonly policyVersion: number;
}

/** One caller waiting in one queue. `key = enqueuedAt − headStart.ms`; smallest key first. */
export interface QueueEntry {
  readonly tenantId: TenantId;
  readonly callId: CallId;
  readonly queueId: QueueId;
  readonly enqueuedAt: EpochMs;
  readonly key: number;
  readonly headStart: HeadStart;
  readonly requiredSkill?: string;
  readonly language: Language;
  readonly customerId?: CustomerId;
  readonly tier?: Tier;
  /** Agents who let this call ring out or rejected it, and when: not offered it again for a while. */
  readonly declines: readonly { readonly agentId: UserId; readonly at: EpochMs }[];
}

/** An agent as the router sees one. */
export interface AgentView {
  readonly agentId: UserId;
  readonly tenantId: TenantId;
  readonly state: 'offline' | 'available' | 'offered' | 'on-call' | 'wrap-up' | 'on-break';
  /** Since when `state` holds: longest idle is smallest here. */
  readonly since: EpochMs;
  readonly queueIds: readonly QueueId[];
  readonly skills: Readonly<Record<string, number>>;
  readonly languages: readonly Language[];
}

/** Why an agent did not get a call. */
export type ExclusionReason =
  | 'not-in-queue' | 'lacks-skill' | 'lacks-language' | 'offline' | 'already-offered' | 'on-call'
  | 'in-wrap-up' | 'on-break' | 'declined-this-call' | 'assigned-in-this-decision';

/** One sitting of the router: what it saw. */
export interface RoutingSnapshot {
  readonly entries: readonly QueueEntry[];
  readonly agents: readonly AgentView[];
}

/** A need that was let go for one assignment, and why. */
export interface Relaxation {
  readonly need: 'language';
  /** No agent who is signed in, is in the queue and has the skill speaks the caller's language. */
  readonly because: 'nobody-signed-in-speaks-it';
}

/** The proof of one assignment: "why did this call go there?" is answered from it, in words. */
export interface Receipt {
  readonly decidedAt: EpochMs;
  /** SHA-256 of the canonical snapshot, hexadecimal. */
  readonly snapshotHash: string;
  readonly policyVersion: number;
  readonly callId: CallId;
  readonly queueId: QueueId;
  readonly key: number;
  readonly headStart: HeadStart;
  readonly waitedMs: Milliseconds;
  /** How many waited in the same queue, and this call's place (1 is first). */
  readonly waiting: number;
  readonly position: number;
  readonly candidates: readonly { readonly agentId: UserId; readonly idleMs: Milliseconds }[];
  readonly excluded: readonly { readonly agentId: UserId; readonly reason: ExclusionReason }[];
  readonly chosen: UserId;
  readonly tieBreak: 'only-candidate' | 'longest-idle' | 'agent-id';
  /** What the call needed; absent in receipts written before these were kept. */
  readonly language?: Language;
  readonly requiredSkill?: string;
  /** Needs that were let go; absent when all were met. */
  readonly relaxed?: readonly Relaxation[];
}

/** One call for one agent. */
export interface Assignment {
  readonly callId: CallId;
  readonly agentId: UserId;
  readonly queueId: QueueId;
  readonly receipt: Receipt;
}

/** How an offer ended (DESIGN §6). */
export type OfferOutcome = 'accepted' | 'rejected' | 'timeout' | 'rescinded' | 'failed';

/** A claimed assignment: the agent's one live offer. */
export interface Offer extends Assignment {
  readonly offerId: OfferId;
  readonly offeredAt: EpochMs;
}
