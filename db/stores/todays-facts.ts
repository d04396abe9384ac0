import { MoreThanOrEqual } from 'typeorm';
import { epochMs, type EpochMs } from '../../server/base/time.ts';
import type { CallEvent } from '../../server/model/events.ts';
import { asId, type LegId, type TenantId } from '../../server/model/ids.ts';
import type { Interaction } from '../../server/model/interaction.ts';
import type { TodaysFacts } from '../../server/supervision/ports.ts';
import type { Connections } from '../connections.ts';
import { interactionEntity } from '../entities/history-entities.ts';
import { toRecord } from '../parse/interaction.ts';

/** A call that began before midnight may enter a queue after it. */
const LONGEST_CALL_MS = 12 * 3_600_000;
const ROWS_PER_STATEMENT = 500;

/** Rebuilds the queue facts of today from the interactions, after a restart. */
export class DatabaseTodaysFacts implements TodaysFacts {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /**
   * Facts in the order of time. Their `seq` counts the facts of a call in this answer; the
   * ledger's own is not kept in the history. Imported interactions have none.
   */
  queueFactsSince(tenantId: TenantId, since: EpochMs): Promise<readonly CallEvent[]> {
    return this.#connections.read(async (manager) => {
      const facts: CallEvent[] = [];
      for (let skip = 0; ; skip += ROWS_PER_STATEMENT) {
        const rows = await manager.find(interactionEntity, {
          select: { callId: true, lastSeq: true, lastAt: true, record: true },
          where: { tenantId: tenantId as string, startedAt: MoreThanOrEqual(since - LONGEST_CALL_MS), imported: false },
          order: { startedAt: 'ASC', callId: 'ASC' }, skip, take: ROWS_PER_STATEMENT,
        });
        for (const row of rows) facts.push(...factsOf(toRecord(row).interaction, since));
        if (rows.length < ROWS_PER_STATEMENT) break;
      }
      return facts.sort((one, other) => one.at - other.at);
    });
  }
}

function factsOf(call: Interaction, since: EpochMs): CallEvent[] {
  const { tenantId, interactionId: callId } = call;
  const timed = [
    ...call.queueStays.flatMap((stay) => {
      const { queueId, key, enteredAt, leftAt, exit } = stay;
      const enqueuedAt = stay.enqueuedAt ?? enteredAt;
      const headStart = stay.headStart ?? { ms: enqueuedAt - key, parts: [], policyVersion: 0 };
      return [
        { at: enteredAt, type: 'queue.entered' as const, queueId, enqueuedAt, key, headStart },
        ...(leftAt === undefined || exit === undefined ? [] : [{ at: leftAt, type: 'queue.left' as const, queueId, exit }]),
      ];
    }),
    // The agent's leg is not part of the history; the figures do not ask for it.
    ...(call.bridges ?? []).map(({ agentId, from }) => ({ at: from, type: 'bridge.started' as const, agentId, agentLegId: asId<LegId>('') })),
  ];
  return timed
    .sort((one, other) => one.at - other.at)
    .map((fact, index): CallEvent => ({ v: 1, tenantId, callId, seq: index + 1, ...fact, at: epochMs(fact.at) }))
    .filter(({ at }) => at >= since);
}
