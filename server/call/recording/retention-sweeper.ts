import { newId } from '../../base/new-id.ts';
import type { Clock, Milliseconds } from '../../base/time.ts';
import type { TenantId } from '../../model/ids.ts';
import type { RecordingFiles, RecordingStore, StoredRecording } from './ports.ts';

/** Recordings that are looked for at a time: a statement stays short. */
const BATCH = 100;
const EVERY_MS: Milliseconds = 3_600_000;

/** What a sweeper works on. */
export interface RetentionSweeperOptions {
  readonly store: Pick<RecordingStore, 'listExpired' | 'bury'>;
  readonly files: Pick<RecordingFiles, 'remove'>;
  readonly tenantIds: readonly TenantId[];
  readonly clock: Clock;
  readonly onFault: (cause: unknown, what: string) => void;
}

/** Deletes the audio of recordings whose days are over; that they were made, and deleted, stays known. */
export class RetentionSweeper {
  readonly #options: RetentionSweeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: RetentionSweeperOptions) {
    this.#options = options;
  }

  /** Sweeps now and every hour. */
  start(): void {
    this.#timer ??= setInterval(() => this.#sweepInTurn(), EVERY_MS);
    this.#sweepInTurn();
  }

  /** Ends it after the recording in hand. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /**
   * Deletes what is due, of each tenant until one of its recordings fails: the rest is tried again the next time.
   * @returns how many were deleted. Never rejects.
   */
  async sweep(): Promise<number> {
    let deleted = 0;
    for (const tenantId of this.#options.tenantIds) {
      try {
        deleted += await this.#sweepTenant(tenantId);
      } catch (cause) {
        this.#options.onFault(cause, 'deleting recordings whose days are over; trying again in an hour');
      }
    }
    return deleted;
  }

  #sweepInTurn(): void {
    this.#sweeping = this.#sweeping.then(async () => { await this.sweep(); });
  }

  async #sweepTenant(tenantId: TenantId): Promise<number> {
    const { store, clock } = this.#options;
    for (let deleted = 0; ;) {
      const due = await store.listExpired(tenantId, clock(), BATCH);
      for (const recording of due) {
        if (this.#isClosed) return deleted;
        await this.#delete(recording);
        deleted += 1;
      }
      if (due.length < BATCH) return deleted;
    }
  }

  /** The file first: a crash in between leaves a recording that is due again, and no audio that nobody knows of. */
  async #delete({ tenantId, recordingId, callId, end }: StoredRecording): Promise<void> {
    const { store, files, clock } = this.#options;
    await files.remove(tenantId, recordingId);
    const deletedAt = clock();
    await store.bury({ recordingId, tenantId, deletedAt, reason: 'retention' }, {
      auditId: newId(), tenantId, at: deletedAt, action: 'recording.deleted', subjectId: recordingId,
      details: { reason: 'retention', callId, ...(end?.checksum === undefined ? {} : { checksum: end.checksum, bytes: end.bytes }) },
    });
  }
}
