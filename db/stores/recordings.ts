import type { EntityManager } from 'typeorm';
import type { AuditEntry, DeclaredPolicy, RecordingPolicyStore, RecordingStore, StoredRecording, Tombstone } from '../../server/call/recording/ports.ts';
import type { EpochMs } from '../../server/base/time.ts';
import type { RecordingId, TenantId } from '../../server/model/ids.ts';
import type { Connections } from '../connections.ts';
import { recordingEntity, recordingPolicyEntity, recordingTombstoneEntity, type RecordingRow } from '../entities/recording-entities.ts';
import { toDeclaredPolicy, toStoredRecording } from '../parse/recording.ts';
import { insertAuditEntry } from './audit-trail.ts';

const SELECT = `SELECT r.recording_id AS recordingId, r.tenant_id AS tenantId, r.call_id AS callId, r.kind AS kind, r.agent_ids AS agentIds,
    r.started_at AS startedAt, r.ended_at AS endedAt, r.ending AS ending, t.deleted_at AS deletedAt
  FROM recordings r LEFT JOIN recording_tombstones t ON t.recording_id = r.recording_id AND t.tenant_id = r.tenant_id`;

/** The recordings of all tenants, and the policies they are made by. */
export class DatabaseRecordings implements RecordingStore, RecordingPolicyStore {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  find(tenantId: TenantId, recordingId: RecordingId): Promise<StoredRecording | undefined> {
    return this.#connections.read(async (manager) => {
      const [found] = await select(manager, 'WHERE r.recording_id = ? AND r.tenant_id = ?', [recordingId, tenantId]);
      return found;
    });
  }

  listExpired(tenantId: TenantId, now: EpochMs, limit: number): Promise<readonly StoredRecording[]> {
    return this.#connections.read((manager) => select(
      manager, 'WHERE r.tenant_id = ? AND r.expires_at <= ? AND r.ended_at IS NOT NULL ORDER BY r.expires_at LIMIT ?', [tenantId, now, limit],
    ));
  }

  listKept(tenantId: TenantId, after: RecordingId | undefined, limit: number): Promise<readonly StoredRecording[]> {
    return this.#connections.read((manager) => select(
      manager, 'WHERE r.tenant_id = ? AND r.recording_id > ? AND r.ended_at IS NOT NULL AND t.deleted_at IS NULL ORDER BY r.recording_id LIMIT ?', [tenantId, after ?? '', limit],
    ));
  }

  bury({ recordingId, tenantId, deletedAt, reason }: Tombstone, entry: AuditEntry): Promise<void> {
    const key = { recordingId: recordingId as string, tenantId: tenantId as string };
    return this.#connections.write(async (manager) => {
      // Out of the list first: a call that is projected again puts it there once more, and this takes it out again.
      await manager.update(recordingEntity, key, { expiresAt: null });
      if (await manager.existsBy(recordingTombstoneEntity, key)) return;
      await manager.insert(recordingTombstoneEntity, { ...key, deletedAt, reason });
      await insertAuditEntry(manager, entry);
    });
  }

  listPolicies(): Promise<readonly DeclaredPolicy[]> {
    return this.#connections.read(async (manager) => {
      const rows = await manager.find(recordingPolicyEntity, { order: { tenantId: 'ASC', scope: 'ASC', scopeId: 'ASC' } });
      return rows.map(toDeclaredPolicy);
    });
  }
}

async function select(manager: EntityManager, condition: string, parameters: readonly (string | number)[]): Promise<readonly StoredRecording[]> {
  const rows = await manager.query<(RecordingRow & { deletedAt: unknown })[]>(`${SELECT} ${condition}`, [...parameters]);
  return rows.map(toStoredRecording);
}
