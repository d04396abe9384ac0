import { AppError } from '../../server/base/app-error.ts';
import type { InteractionRecord, InteractionStore, TrunkCount, TrunkSequenceQuery } from '../../server/interaction/ports.ts';
import type { CallId, TenantId } from '../../server/model/ids.ts';

/** The history in memory, with an outage and a record that it will not take on demand. */
export class MemoryInteractionStore implements InteractionStore {
  readonly records = new Map<CallId, InteractionRecord>();
  position = 0;
  commits = 0;
  down = false;
  readonly refused = new Set<CallId>();

  async projectedPosition(): Promise<number> {
    this.#mayFail();
    return this.position;
  }

  async load(callIds: readonly CallId[]): Promise<readonly InteractionRecord[]> {
    this.#mayFail();
    return callIds.flatMap((callId) => this.records.get(callId) ?? []);
  }

  async commit(records: readonly InteractionRecord[], position: number): Promise<void> {
    this.#mayFail();
    if (records.some(({ interaction }) => this.refused.has(interaction.interactionId))) {
      throw new AppError({ code: 'db.constraint', category: 'bug', message: 'refused' });
    }
    // As a database would: what comes back is a copy.
    for (const record of structuredClone(records)) this.records.set(record.interaction.interactionId, record);
    this.position = position;
    this.commits += 1;
  }

  async listOpen(): Promise<readonly InteractionRecord[]> {
    return [...this.records.values()].filter(({ interaction: { endedAt, wrapUps = [], recordings = [] } }) =>
      [{ endedAt }, ...wrapUps, ...recordings].some((part) => part.endedAt === undefined));
  }

  async countByTrunk(tenantId: TenantId): Promise<readonly TrunkCount[]> {
    const counts = new Map<string, TrunkCount>();
    for (const { interaction: { tenantId: owner, trunkId, trunkSequence } } of this.records.values()) {
      if (owner !== tenantId) continue;
      const before = counts.get(trunkId) ?? { trunkId, calls: 0, highestSequence: 0 };
      counts.set(trunkId, { trunkId, calls: before.calls + 1, highestSequence: Math.max(before.highestSequence, trunkSequence) });
    }
    return [...counts.values()];
  }

  async listTrunkSequences({ tenantId, trunkId, after, limit }: TrunkSequenceQuery): Promise<readonly number[]> {
    return [...this.records.values()]
      .filter(({ interaction }) => interaction.tenantId === tenantId && interaction.trunkId === trunkId && interaction.trunkSequence > after)
      .map(({ interaction }) => interaction.trunkSequence).sort((one, other) => one - other).slice(0, limit);
  }

  #mayFail(): void {
    if (this.down) throw new AppError({ code: 'db.failed', category: 'upstream', message: 'the database is away', retryable: true });
  }
}
