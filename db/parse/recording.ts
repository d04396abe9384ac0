import { z } from 'zod';
import type { DeclaredPolicy, StoredRecording } from '../../server/call/recording/ports.ts';
import { DIGITS } from '../../server/model/digit.ts';
import { asId, type CallId, type QueueId, type RecordingId, type TenantId, type UserId } from '../../server/model/ids.ts';
import { RECORDING_ENDINGS } from '../../server/model/recording.ts';
import type { RecordingPolicy } from '../../server/model/recording-policy.ts';
import type { RecordingPolicyRow, RecordingRow } from '../entities/recording-entities.ts';
import { instant, json, parseRow, withoutNulls } from './columns.ts';

/** How a recording ended, as it is stored. */
export const recordingEndSchema = z.object({
  how: z.enum(RECORDING_ENDINGS), durationMs: z.number().min(0), bytes: z.int().min(0), checksum: z.string().exactOptional(),
  lostMs: z.number().min(0), reason: z.string().exactOptional(),
});

const recordingSchema = z.object({
  kind: z.enum(['conversation', 'message']), agentIds: json(z.array(z.string().transform((id) => asId<UserId>(id)))),
  startedAt: instant, endedAt: instant.nullable(), ending: json(recordingEndSchema).nullable(), deletedAt: instant.nullable(),
}).transform(({ ending: end, ...rest }) => withoutNulls({ ...rest, end }));

/** @throws AppError `db.bad-row`. */
export function toStoredRecording(row: RecordingRow & { readonly deletedAt: unknown }): StoredRecording {
  return {
    recordingId: asId<RecordingId>(row.recordingId), tenantId: asId<TenantId>(row.tenantId), callId: asId<CallId>(row.callId),
    ...parseRow(recordingSchema, row, { table: 'recordings', id: row.recordingId }),
  };
}

/** The rules of recordings as they are stored. */
export const recordingPolicySchema: z.ZodType<RecordingPolicy> = z.strictObject({
  version: z.int().min(1),
  mode: z.enum(['never', 'on-demand', 'automatic']),
  samplePercent: z.number().min(0).max(100),
  announcement: z.enum(['in-flow', 'by-call', 'none']),
  refusalKey: z.enum(DIGITS).exactOptional(),
  agentKeys: z.string().regex(/^[0-9*#A-D]{2,8}$/).exactOptional(),
  beep: z.strictObject({
    everyMs: z.int().min(1_000).max(600_000), lengthMs: z.int().min(20).max(1_000),
    frequencyHz: z.number().min(300).max(3_400), levelDbfs: z.number().min(-60).max(0),
  }).refine(({ everyMs, lengthMs }) => lengthMs < everyMs, { path: ['lengthMs'], error: 'the tone never ends' }).exactOptional(),
  retainDays: z.int().min(1).max(36_500),
});

const policyRowSchema = z.object({ scope: z.enum(['tenant', 'entry-point', 'queue']), scopeId: z.string(), policy: json(recordingPolicySchema) });

/** @throws AppError `db.bad-row`. */
export function toDeclaredPolicy(row: RecordingPolicyRow): DeclaredPolicy {
  const { scope, scopeId, policy } = parseRow(policyRowSchema, row, { table: 'recording_policies', id: `${row.tenantId}/${row.scope}/${row.scopeId}` });
  const tenantId = asId<TenantId>(row.tenantId);
  switch (scope) {
    case 'tenant': return { tenantId, policy, scope: { kind: scope } };
    case 'entry-point': return { tenantId, policy, scope: { kind: scope, number: scopeId } };
    case 'queue': return { tenantId, policy, scope: { kind: scope, queueId: asId<QueueId>(scopeId) } };
  }
}
