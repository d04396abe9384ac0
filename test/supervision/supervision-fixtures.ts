import { epochMs } from '../../server/base/time.ts';
import type { AgentStateName } from '../../server/model/agent-machine.ts';
import type { Queue, User } from '../../server/model/centre.ts';
import type { AgentStateChanged, CallEvent, CallFact } from '../../server/model/events.ts';
import { asId, type CallId, type OfferId, type QueueId, type TenantId, type UserId } from '../../server/model/ids.ts';
import type { QueueExit } from '../../server/model/interaction.ts';
import type { Receipt } from '../../server/model/routing.ts';

export const TENANT = asId<TenantId>('tenant-1');
export const SALES = asId<QueueId>('sales');
export const CLAIMS = asId<QueueId>('claims');
export const ZONE = 'Africa/Algiers';
/** Noon in Algiers, which is at UTC+1 all year. */
export const NOON = epochMs(Date.UTC(2025, 5, 15, 11));
export const MIDNIGHT = epochMs(Date.UTC(2025, 5, 15, 23));

export const queue = (queueId: QueueId, name: string): Queue => ({
  queueId, tenantId: TENANT, key: queueId, name,
  policy: {
    version: 1, headStartMsByTier: { platinum: 0, gold: 0, silver: 0, bronze: 0 }, churnHeadStartMs: 0, maxHeadStartMs: 0,
    ringTimeoutMs: 15_000, declineBackoffMs: 30_000, wrapUpMs: 60_000, serviceLevelThresholdMs: 20_000, serviceLevelTarget: 0.8,
  },
});

export const user = (name: string, queueIds: readonly QueueId[], changes: Partial<User> = {}): User => ({
  userId: asId<UserId>(name), tenantId: TENANT, username: name, displayName: name, role: 'agent', languages: ['fr'], skills: {}, queueIds, ...changes,
});

export const QUEUES = [queue(SALES, 'Ventes'), queue(CLAIMS, 'Sinistres')];
export const USERS = [user('alice', [SALES, CLAIMS]), user('bob', [SALES]), user('sam', [], { role: 'supervisor' })];

/** The events of one call, numbered as the ledger numbers them. */
export class TestCall {
  readonly callId: CallId;
  readonly #tenantId: TenantId;
  #seq = 0;

  constructor(name: string, tenantId = TENANT) {
    this.callId = asId<CallId>(name);
    this.#tenantId = tenantId;
  }

  fact(at: number, fact: CallFact): CallEvent {
    this.#seq += 1;
    return { v: 1, tenantId: this.#tenantId, callId: this.callId, seq: this.#seq, at: epochMs(at), ...fact };
  }

  enters(at: number, queueId = SALES): CallEvent {
    return this.fact(at, { type: 'queue.entered', queueId, enqueuedAt: epochMs(at), key: at, headStart: { ms: 0, parts: [], policyVersion: 1 } });
  }

  leaves(at: number, exit: QueueExit, queueId = SALES): CallEvent {
    return this.fact(at, { type: 'queue.left', queueId, exit });
  }

  offered(at: number, offer: string, queueId = SALES): CallEvent {
    const receipt: Receipt = {
      decidedAt: epochMs(at), snapshotHash: '', policyVersion: 1, callId: this.callId, queueId, key: at,
      headStart: { ms: 0, parts: [], policyVersion: 1 }, waitedMs: 0, waiting: 1, position: 1,
      candidates: [], excluded: [], chosen: asId('alice'), tieBreak: 'only-candidate',
    };
    return this.fact(at, { type: 'offer.made', offerId: asId<OfferId>(offer), agentId: asId('alice'), receipt });
  }

  offerEnds(at: number, offer: string): CallEvent {
    return this.fact(at, { type: 'offer.ended', offerId: asId<OfferId>(offer), agentId: asId('alice'), outcome: 'timeout' });
  }

  ends(at: number): CallEvent {
    return this.fact(at, { type: 'call.ended', termination: { result: 'caller', reason: 'caller-hung-up' } });
  }
}

/** A change of an agent's state. */
export function agentIs(name: string, to: AgentStateName, at: number, changes: Partial<AgentStateChanged> = {}): AgentStateChanged {
  return { v: 1, type: 'agent.state-changed', tenantId: TENANT, agentId: asId<UserId>(name), at: epochMs(at), from: 'offline', to, ...changes };
}
