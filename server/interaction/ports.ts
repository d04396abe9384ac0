import type { EpochMs } from '../base/time.ts';
import type { CallId, CustomerId, TenantId, TrunkId } from '../model/ids.ts';
import type { Interaction, InteractionSummary } from '../model/interaction.ts';
import type { RecordingEnd, RecordingRecord } from '../model/recording.ts';

/** An interaction and the last event folded into it: what makes the projection idempotent. */
export interface InteractionRecord {
  readonly interaction: Interaction;
  readonly lastSeq: number;
  /** When that event happened: an interrupted call was known to live then. */
  readonly lastAt: EpochMs;
}

/** How many calls a trunk has in the history; imported ones never came through it and do not count. */
export interface TrunkCount {
  readonly trunkId: TrunkId;
  readonly calls: number;
  readonly highestSequence: number;
}

/** Which call numbers to list. */
export interface TrunkSequenceQuery {
  readonly tenantId: TenantId;
  readonly trunkId: TrunkId;
  readonly after: number;
  readonly limit: number;
}

/** The history in the database. Implemented in `db`, on SQLite (and MariaDB later). */
export interface InteractionStore {
  /** The ledger position up to which everything is projected; 0 at first. */
  projectedPosition(): Promise<number>;
  load(callIds: readonly CallId[]): Promise<readonly InteractionRecord[]>;
  /** Writes records and position in one transaction. A retry with the same content changes nothing. */
  commit(records: readonly InteractionRecord[], position: number): Promise<void>;
  /** Interactions that have not ended, or whose wrap-up has not: what recovery closes. */
  listOpen(): Promise<readonly InteractionRecord[]>;
  countByTrunk(tenantId: TenantId): Promise<readonly TrunkCount[]>;
  /** The call numbers of a trunk in the history above `after`, ascending, at most `limit`; for the proof. */
  listTrunkSequences(query: TrunkSequenceQuery): Promise<readonly number[]>;
}

/**
 * Closes the file of a recording that a dead process left open. Implemented in `server/media/recorder`.
 * @returns what can be played of it; the same when it is asked again. Never rejects.
 */
export type CloseRecording = (tenantId: TenantId, recording: RecordingRecord) => Promise<RecordingEnd>;

/** A page of the history, newest first. */
export interface HistoryQuery {
  readonly limit: number;
  readonly before?: EpochMs;
  readonly customerId?: CustomerId;
}

/** The history as the pages read it. Implemented in `db`. */
export interface History {
  find(tenantId: TenantId, callId: CallId): Promise<Interaction | undefined>;
  list(tenantId: TenantId, query: HistoryQuery): Promise<readonly InteractionSummary[]>;
}
