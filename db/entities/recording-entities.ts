import { EntitySchema } from 'typeorm';
import { bigint, key, optional, text, varchar } from './columns.ts';

/** One recording, projected from the interaction of its call. */
export interface RecordingRow {
  recordingId: string;
  tenantId: string;
  callId: string;
  kind: string;
  /** JSON: everybody of the staff who talked in the call. */
  agentIds: string;
  startedAt: number;
  endedAt: number | null;
  /** JSON of `RecordingEnd`. */
  ending: string | null;
  /** When its days are over; NULL once its audio was deleted. */
  expiresAt: number | null;
}

export const recordingEntity = new EntitySchema<RecordingRow>({
  name: 'recording', tableName: 'recordings',
  columns: {
    recordingId: key(varchar('recording_id')), tenantId: varchar('tenant_id'), callId: varchar('call_id'), kind: varchar('kind', 16),
    agentIds: text('agent_ids'), startedAt: bigint('started_at'), endedAt: optional(bigint('ended_at')), ending: optional(text('ending')),
    expiresAt: optional(bigint('expires_at')),
  },
});

/** What stays of a recording whose audio was deleted; no projection, so nothing brings it back. */
export interface RecordingTombstoneRow {
  recordingId: string;
  tenantId: string;
  deletedAt: number;
  reason: string;
}

export const recordingTombstoneEntity = new EntitySchema<RecordingTombstoneRow>({
  name: 'recording-tombstone', tableName: 'recording_tombstones',
  columns: { recordingId: key(varchar('recording_id')), tenantId: varchar('tenant_id'), deletedAt: bigint('deleted_at'), reason: varchar('reason', 32) },
});

/** A policy for a tenant, a number or a queue; JSON, checked when it is read. */
export interface RecordingPolicyRow {
  tenantId: string;
  /** `tenant`, `entry-point` or `queue`. */
  scope: string;
  /** The number or the queue's id; empty for the tenant. */
  scopeId: string;
  policy: string;
}

export const recordingPolicyEntity = new EntitySchema<RecordingPolicyRow>({
  name: 'recording-policy', tableName: 'recording_policies',
  columns: { tenantId: key(varchar('tenant_id')), scope: key(varchar('scope', 16)), scopeId: key(varchar('scope_id')), policy: text('policy') },
});

/** Who did what, when, to what. */
export interface AuditEntryRow {
  auditId: string;
  tenantId: string;
  at: number;
  /** NULL: the program itself. */
  actorId: string | null;
  action: string;
  subjectId: string;
  /** JSON. */
  details: string;
}

export const auditEntryEntity = new EntitySchema<AuditEntryRow>({
  name: 'audit-entry', tableName: 'audit_entries',
  columns: {
    auditId: key(varchar('audit_id')), tenantId: varchar('tenant_id'), at: bigint('at'), actorId: optional(varchar('actor_id')),
    action: varchar('action'), subjectId: varchar('subject_id'), details: text('details'),
  },
});
