import { epochMs } from '../../server/base/time.ts';
import type { QueuePolicy } from '../../server/model/centre.ts';
import { asId, type CallId, type OfferId, type QueueId, type TenantId, type UserId } from '../../server/model/ids.ts';
import type { AgentView, Assignment, QueueEntry } from '../../server/model/routing.ts';
import { headStartOf, queueKey, type ValuedCustomer } from '../../server/routing/head-start.ts';

/** The tenant of all routing tests but those about tenants. */
export const TENANT = asId<TenantId>('tenant-1');
/** The queue of all routing tests that need only one. */
export const SALES = asId<QueueId>('sales');
/** The present of the routing tests. */
export const NOON = epochMs(1_750_000_000_000);

export const POLICY: QueuePolicy = {
  version: 3,
  headStartMsByTier: { platinum: 60_000, gold: 40_000, silver: 15_000, bronze: 0 },
  churnHeadStartMs: 15_000,
  maxHeadStartMs: 60_000,
  ringTimeoutMs: 15_000,
  declineBackoffMs: 30_000,
  wrapUpMs: 60_000,
  serviceLevelThresholdMs: 20_000,
  serviceLevelTarget: 0.8,
};

export const POLICIES: ReadonlyMap<QueueId, QueuePolicy> = new Map([[SALES, POLICY]]);

export const userId = (name: string): UserId => asId<UserId>(name);
export const callId = (name: string): CallId => asId<CallId>(name);
export const offerId = (name: string): OfferId => asId<OfferId>(name);

/** A caller who entered `afterMs` after {@link NOON}, ranked by who she is. */
export function entry(name: string, afterMs: number, changes: Partial<QueueEntry> & { customer?: ValuedCustomer } = {}): QueueEntry {
  const { customer, ...overrides } = changes;
  const enqueuedAt = epochMs(NOON + afterMs);
  const headStart = headStartOf(customer, POLICY);
  return {
    tenantId: TENANT, callId: callId(name), queueId: SALES, enqueuedAt,
    key: queueKey(enqueuedAt, headStart), headStart, language: 'fr', declines: [], ...overrides,
  };
}

/** A French-speaking agent of the sales queue who is free since {@link NOON}. */
export function agent(name: string, changes: Partial<AgentView> = {}): AgentView {
  return {
    agentId: userId(name), tenantId: TENANT, state: 'available', since: NOON,
    queueIds: [SALES], skills: {}, languages: ['fr'], ...changes,
  };
}

/** An assignment as a decision would make it, for tests of the store alone. */
export function assignment(call: QueueEntry, to: AgentView): Assignment {
  return {
    callId: call.callId, agentId: to.agentId, queueId: call.queueId,
    receipt: {
      decidedAt: NOON, snapshotHash: '0'.repeat(64), policyVersion: POLICY.version, callId: call.callId, queueId: call.queueId,
      key: call.key, headStart: call.headStart, waitedMs: 0, waiting: 1, position: 1,
      candidates: [{ agentId: to.agentId, idleMs: 0 }], excluded: [], chosen: to.agentId, tieBreak: 'only-candidate',
    },
  };
}
