import type { EpochMs } from '../../base/time.ts';
import type { CallId, QueueId, RecordingId, TenantId, UserId } from '../../model/ids.ts';
import type { RecordingEnd, RecordingKind } from '../../model/recording.ts';
import type { RecordingPolicy } from '../../model/recording-policy.ts';

// ---- what is declared and kept: implemented in db

/** A policy and what it is declared for; the nearest to a conversation counts. */
export interface DeclaredPolicy {
  readonly tenantId: TenantId;
  readonly scope:
    | { readonly kind: 'tenant' }
    | { readonly kind: 'entry-point'; readonly number: string }
    | { readonly kind: 'queue'; readonly queueId: QueueId };
  readonly policy: RecordingPolicy;
}

/** The policies that the administrators declared. */
export interface RecordingPolicyStore {
  listPolicies(): Promise<readonly DeclaredPolicy[]>;
}

/** A recording by the history, with what became of its file. */
export interface StoredRecording {
  readonly recordingId: RecordingId;
  readonly tenantId: TenantId;
  readonly callId: CallId;
  readonly kind: RecordingKind;
  readonly startedAt: EpochMs;
  /** Everybody of the staff who talked in the call. */
  readonly agentIds: readonly UserId[];
  /** Absent while it runs. */
  readonly endedAt?: EpochMs;
  readonly end?: RecordingEnd;
  /** Set when the audio was deleted; the rest stays. */
  readonly deletedAt?: EpochMs;
}

/** What stays of a recording whose audio was deleted. */
export interface Tombstone {
  readonly recordingId: RecordingId;
  readonly tenantId: TenantId;
  readonly deletedAt: EpochMs;
  readonly reason: 'retention';
}

/** The recordings in the database. */
export interface RecordingStore {
  find(tenantId: TenantId, recordingId: RecordingId): Promise<StoredRecording | undefined>;
  /** Those whose days are over and whose audio is still there, oldest first. */
  listExpired(tenantId: TenantId, now: EpochMs, limit: number): Promise<readonly StoredRecording[]>;
  /** Those that have ended and whose audio should be there, by id, those behind `after`; for who checks all of them. */
  listKept(tenantId: TenantId, after: RecordingId | undefined, limit: number): Promise<readonly StoredRecording[]>;
  /** Leaves tombstone and audit entry, both or neither. Idempotent. */
  bury(tombstone: Tombstone, entry: AuditEntry): Promise<void>;
}

/** Who did what, when, to what. */
export interface AuditEntry {
  readonly auditId: string;
  readonly tenantId: TenantId;
  readonly at: EpochMs;
  /** Absent: the program itself. */
  readonly actorId?: UserId;
  readonly action: 'recording.listened' | 'recording.deleted';
  /** Of the recording. */
  readonly subjectId: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The trail of accesses. */
export interface AuditTrail {
  add(entry: AuditEntry): Promise<void>;
  /** Brings the details of an entry up to date, while what it tells of goes on. */
  update(entry: Pick<AuditEntry, 'auditId' | 'tenantId' | 'details'>): Promise<void>;
}

// ---- files: implemented in server/media/recorder

/** How loud a recording is, for drawing it. */
export interface Waveform {
  readonly durationMs: number;
  /** One row per channel, left first; each value from 0 (silence) to 1 (full scale). */
  readonly channels: readonly (readonly number[])[];
  /** Stretches that are silent for a reason. */
  readonly markers: readonly { readonly kind: 'paused' | 'lost'; readonly fromMs: number; readonly toMs: number }[];
}

/** A recording as a WAV file that exists only while it is read. */
export interface RecordingAudio {
  /** Of the WAV file, header included. */
  readonly sizeBytes: number;
  /** Whether nothing was cut off or put in since it was finished. */
  readonly isWhole: boolean;
  /** Of the encrypted file. */
  readonly fileBytes: number;
  /** Where in the recording a byte of the WAV file is heard. */
  positionOf(byte: number): number;
  /** Bytes `from` up to, not including, `to`. @throws AppError `recording.damaged` on the way, before anything that was changed. */
  read(from: number, to: number): AsyncIterable<Uint8Array>;
  /** @param points - at most so many per channel. */
  waveform(points: number): Waveform;
  close(): Promise<void>;
}

/** The files of recordings. */
export interface RecordingFiles {
  /** @throws AppError `recording.no-file`, `recording.unknown-key`, `recording.damaged`. */
  open(tenantId: TenantId, recordingId: RecordingId): Promise<RecordingAudio>;
  /** Deletes it; no fault when it is gone already. */
  remove(tenantId: TenantId, recordingId: RecordingId): Promise<void>;
}
