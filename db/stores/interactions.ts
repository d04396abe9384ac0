import { In } from 'typeorm';
import type { InteractionRecord, InteractionStore, TrunkCount, TrunkSequenceQuery } from '../../server/interaction/ports.ts';
import { asId, type CallId, type TenantId, type TrunkId } from '../../server/model/ids.ts';
import type { Connections } from '../connections.ts';
import { interactionEntity, ledgerPositionEntity } from '../entities/history-entities.ts';
import { wholeNumber } from '../parse/columns.ts';
import { toRecord } from '../parse/interaction.ts';
import { toInteractionRow } from './interaction-row.ts';

/** The ledger of this node; with several nodes each has its own. */
const LEDGER_ID = 'local';

/** Rows per statement: SQLite takes 32,766 parameters, and a statement must be short. */
const ROWS_PER_STATEMENT = 100;

const COUNT = `SELECT trunk_id AS trunkId, COUNT(DISTINCT trunk_sequence) AS calls, MAX(trunk_sequence) AS highestSequence
  FROM interactions WHERE tenant_id = ? AND imported = ? GROUP BY trunk_id ORDER BY trunk_id`;

const SEQUENCES = `SELECT DISTINCT trunk_sequence AS number FROM interactions
  WHERE tenant_id = ? AND trunk_id = ? AND trunk_sequence > ? AND imported = ? ORDER BY trunk_sequence LIMIT ?`;

/** The history as the projector writes it and recovery reads it. */
export class DatabaseInteractions implements InteractionStore {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  projectedPosition(): Promise<number> {
    return this.#connections.read(async (manager) => {
      const row = await manager.findOneBy(ledgerPositionEntity, { ledgerId: LEDGER_ID });
      return row ? wholeNumber.parse(row.position) : 0;
    });
  }

  load(callIds: readonly CallId[]): Promise<readonly InteractionRecord[]> {
    return this.#connections.read(async (manager) => {
      const records: InteractionRecord[] = [];
      for (const chunk of chunksOf(callIds, ROWS_PER_STATEMENT)) {
        const rows = await manager.find(interactionEntity, {
          select: { callId: true, lastSeq: true, lastAt: true, record: true }, where: { callId: In<string>([...chunk]) },
        });
        records.push(...rows.map(toRecord));
      }
      return records;
    });
  }

  commit(records: readonly InteractionRecord[], position: number): Promise<void> {
    return this.#connections.write(async (manager) => {
      for (const chunk of chunksOf(records, ROWS_PER_STATEMENT)) {
        await manager.upsert(interactionEntity, chunk.map(toInteractionRow), { conflictPaths: ['callId'], skipUpdateIfNoValuesChanged: false });
      }
      await manager.upsert(ledgerPositionEntity, { ledgerId: LEDGER_ID, position }, ['ledgerId']);
    });
  }

  listOpen(): Promise<readonly InteractionRecord[]> {
    return this.#connections.read(async (manager) => {
      const rows = await manager.find(interactionEntity, {
        select: { callId: true, lastSeq: true, lastAt: true, record: true }, where: { isOpen: true, imported: false },
        order: { startedAt: 'ASC' },
      });
      return rows.map(toRecord);
    });
  }

  countByTrunk(tenantId: TenantId): Promise<readonly TrunkCount[]> {
    return this.#connections.read(async (manager) => {
      const rows = await manager.query<{ trunkId: string; calls: unknown; highestSequence: unknown }[]>(COUNT, [tenantId, 0]);
      return rows.map(({ trunkId, calls, highestSequence }) => ({
        trunkId: asId<TrunkId>(trunkId), calls: wholeNumber.parse(calls), highestSequence: wholeNumber.parse(highestSequence),
      }));
    });
  }

  listTrunkSequences({ tenantId, trunkId, after, limit }: TrunkSequenceQuery): Promise<readonly number[]> {
    return this.#connections.read(async (manager) => {
      const rows = await manager.query<{ number: unknown }[]>(SEQUENCES, [tenantId, trunkId, after, 0, limit]);
      return rows.map(({ number }) => wholeNumber.parse(number));
    });
  }
}

function* chunksOf<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
