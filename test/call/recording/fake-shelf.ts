import { epochMs, type EpochMs } from '../../../server/base/time.ts';
import type { AuditEntry, AuditTrail, RecordingAudio, RecordingFiles, RecordingStore, StoredRecording, Tombstone, Waveform } from '../../../server/call/recording/ports.ts';
import { asId, type CallId, type RecordingId, type TenantId, type UserId } from '../../../server/model/ids.ts';

export const ALICE = asId<UserId>('alice');

/** A recording of Alice's, of 8 s, that has ended. */
export const stored = (more: Partial<StoredRecording> = {}): StoredRecording => ({
  recordingId: asId<RecordingId>('rec-1'), tenantId: asId<TenantId>('atlas'), callId: asId<CallId>('call-1'), kind: 'conversation',
  startedAt: epochMs(1_000), agentIds: [ALICE], endedAt: epochMs(9_000),
  end: { how: 'stopped', durationMs: 8_000, bytes: 500, checksum: 'ab', lostMs: 0 }, ...more,
});

/** Recordings, files and audit trail in memory. */
export class FakeShelf implements RecordingStore, RecordingFiles, AuditTrail {
  readonly recordings: StoredRecording[] = [];
  readonly due = new Map<RecordingId, EpochMs>();
  readonly tombstones: Tombstone[] = [];
  readonly entries = new Map<string, AuditEntry>();
  /** What was done, in order. */
  readonly trace: string[] = [];
  readonly opened: FakeAudio[] = [];
  trailFault: Error | undefined;
  fileFault: Error | undefined;

  async find(tenantId: TenantId, recordingId: RecordingId): Promise<StoredRecording | undefined> {
    return this.recordings.find((one) => one.tenantId === tenantId && one.recordingId === recordingId);
  }

  async listExpired(tenantId: TenantId, now: EpochMs, limit: number): Promise<readonly StoredRecording[]> {
    return this.recordings.filter((one) => one.tenantId === tenantId && (this.due.get(one.recordingId) ?? Infinity) <= now).slice(0, limit);
  }

  async listKept(): Promise<readonly StoredRecording[]> { return this.recordings; }

  async bury(tombstone: Tombstone, entry: AuditEntry): Promise<void> {
    this.trace.push(`bury ${tombstone.recordingId}`);
    this.tombstones.push(tombstone);
    this.due.delete(tombstone.recordingId);
    await this.add(entry);
  }

  async open(): Promise<FakeAudio> {
    if (this.fileFault) throw this.fileFault;
    const audio = new FakeAudio();
    this.opened.push(audio);
    return audio;
  }

  async remove(_tenantId: TenantId, recordingId: RecordingId): Promise<void> {
    if (this.fileFault) throw this.fileFault;
    this.trace.push(`remove ${recordingId}`);
  }

  async add(entry: AuditEntry): Promise<void> {
    if (this.trailFault) throw this.trailFault;
    this.entries.set(entry.auditId, entry);
  }

  async update({ auditId, details }: Pick<AuditEntry, 'auditId' | 'details'>): Promise<void> {
    if (this.trailFault) throw this.trailFault;
    const entry = this.entries.get(auditId);
    if (entry) this.entries.set(auditId, { ...entry, details });
  }

  /** The audit entries, in order. */
  get audited(): readonly AuditEntry[] { return [...this.entries.values()]; }
}

/** A WAV file of 8,000 bytes: byte n is n mod 256, and one byte is one millisecond. */
export class FakeAudio implements RecordingAudio {
  readonly sizeBytes = 8_000;
  isWhole = true;
  fileBytes = 500;
  isClosed = false;
  /** Where reading fails. */
  brokenAt = Infinity;

  positionOf(byte: number): number { return byte; }

  async *read(from: number, to: number): AsyncGenerator<Uint8Array, void, void> {
    for (let at = from; at < to; at += 1_000) {
      if (at >= this.brokenAt) throw new Error('chunk 3 was changed');
      yield Uint8Array.from({ length: Math.min(1_000, to - at) }, (_, i) => (at + i) % 256);
    }
  }

  waveform(points: number): Waveform { return { durationMs: 8_000, channels: [[points]], markers: [] }; }

  async close(): Promise<void> { this.isClosed = true; }
}
