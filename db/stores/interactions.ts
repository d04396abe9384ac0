import type { EntityManager } from 'typeorm';
import type { InteractionRecord, InteractionStore, TrunkCount, TrunkSequenceQuery } from '../../server/interaction/ports.ts';
import { asId, type CallId, type TenantId, type TrunkId } from '../../server/model/ids.ts';
import type { Connections } from '../connections.ts';
import { interactionEntity, ledgerPositionEntity, type InteractionRow } from '../entities/history-entities.ts';
import { recordingEntity, type RecordingRow } from '../entities/recording-entities.ts';
import { wholeNumber } from '../parse/columns.ts';
import { toRecord } from '../parse/interaction.ts';
import { toInteractionRow } from './interaction-row.ts';
import { toRecordingRows } from './recording-row.ts';
import { upsertInto, type Upsert } from './upsert.ts';

/** The ledger of this node; with several nodes each has its own. */
const LEDGER_ID = 'local';

/** How many ids a look-up has places for: few sizes, so that each statement is prepared once. */
const LOAD_SIZES = [1, 8, 64] as const;
const MOST_IDS = 64;

type RecordRow = Pick<InteractionRow, 'callId' | 'lastSeq' | 'lastAt' | 'record'>;

const LOAD = 'SELECT call_id AS callId, last_seq AS lastSeq, last_at AS lastAt, record AS record FROM interactions WHERE call_id IN';

const COUNT = `SELECT trunk_id AS trunkId, COUNT(DISTINCT trunk_sequence) AS calls, MAX(trunk_sequence) AS highestSequence
  FROM interactions WHERE tenant_id = ? AND imported = ? GROUP BY trunk_id ORDER BY trunk_id`;

const SEQUENCES = `SELECT DISTINCT trunk_sequence AS number FROM interactions
  WHERE tenant_id = ? AND trunk_id = ? AND trunk_sequence > ? AND imported = ? ORDER BY trunk_sequence LIMIT ?`;

/** The history as the projector writes it and recovery reads it. */
export class DatabaseInteractions implements InteractionStore {
  readonly #connections: Connections;
  #upsert: Upsert<InteractionRow> | undefined;
  #upsertRecording: Upsert<RecordingRow> | undefined;

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
      for (let at = 0; at < callIds.length; at += MOST_IDS) {
        const ids = callIds.slice(at, at + MOST_IDS);
        const places = LOAD_SIZES.find((size) => size >= ids.length) ?? MOST_IDS;
        // Places that are left over ask for the last id again.
        const parameters = Array.from({ length: places }, (_, index) => ids[index] ?? ids[ids.length - 1]);
        const rows = await manager.query<RecordRow[]>(`${LOAD} (${parameters.map(() => '?').join(', ')})`, parameters);
        records.push(...rows.map(toRecord));
      }
      return records;
    });
  }

  commit(records: readonly InteractionRecord[], position: number): Promise<void> {
    return this.#connections.write(async (manager) => {
      const { sql, parametersOf } = this.#upsertFor(manager);
      for (const record of records) await manager.query(sql, [...parametersOf(toInteractionRow(record))]);
      for (const { interaction } of records) await this.#putRecordings(manager, toRecordingRows(interaction));
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

  async #putRecordings(manager: EntityManager, rows: readonly RecordingRow[]): Promise<void> {
    if (rows.length === 0) return;
    this.#upsertRecording ??= upsertInto(manager, recordingEntity);
    const { sql, parametersOf } = this.#upsertRecording;
    for (const row of rows) await manager.query(sql, [...parametersOf(row)]);
  }

  #upsertFor(manager: EntityManager): Upsert<InteractionRow> {
    this.#upsert ??= upsertInto(manager, interactionEntity);
    return this.#upsert;
  }
}
