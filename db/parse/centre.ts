import { z } from 'zod';
import type { Disposition, EntryPoint, Queue, QueuePolicy, Trunk, TrunkPeer, User } from '../../server/model/centre.ts';
import { ROLES } from '../../server/model/centre.ts';
import { KEY_WAYS, SRTP_POLICIES, VOICE_CODECS, type TrunkMedia } from '../../server/model/media-terms.ts';
import { asId, type QueueId, type TenantId, type TrunkId, type UserId } from '../../server/model/ids.ts';
import type { DispositionRow, EntryPointRow, QueueRow, TrunkRow, UserRow } from '../entities/centre-entities.ts';
import { e164, flag, json, language, parseRow, withoutNulls } from './columns.ts';

const ms = z.int().min(0).max(86_400_000);

/** The rules of a queue as they are stored; the bound on head starts is what invariant 3 rests on. */
export const queuePolicySchema: z.ZodType<QueuePolicy> = z.strictObject({
  version: z.int().min(1),
  headStartMsByTier: z.strictObject({ platinum: ms, gold: ms, silver: ms, bronze: ms }),
  churnHeadStartMs: ms,
  maxHeadStartMs: ms,
  ringTimeoutMs: z.int().min(1000).max(600_000),
  declineBackoffMs: ms,
  wrapUpMs: ms,
  serviceLevelThresholdMs: ms,
  serviceLevelTarget: z.number().min(0).max(1),
}).refine(({ headStartMsByTier, maxHeadStartMs }) => Object.values(headStartMsByTier).every((start) => start <= maxHeadStartMs), {
  path: ['headStartMsByTier'], error: 'a head start is above maxHeadStartMs',
});

const userSchema = z.object({
  username: z.string().min(1), displayName: z.string().min(1), role: z.enum(ROLES),
  skills: json(z.record(z.string(), z.int().min(1).max(100))), languages: json(z.array(language)),
});

/** @throws AppError `db.bad-row`. */
export function toUser(row: UserRow, queueIds: readonly string[]): User {
  return {
    userId: asId<UserId>(row.userId), tenantId: asId<TenantId>(row.tenantId),
    ...parseRow(userSchema, row, { table: 'users', id: row.userId }),
    queueIds: queueIds.map((queueId) => asId<QueueId>(queueId)),
  };
}

const queueSchema = z.object({
  key: z.string().min(1), name: z.string().min(1), requiredSkill: z.string().min(1).nullable(), policy: json(queuePolicySchema),
});

/** @throws AppError `db.bad-row`. */
export function toQueue(row: QueueRow): Queue {
  return {
    queueId: asId<QueueId>(row.queueId), tenantId: asId<TenantId>(row.tenantId),
    ...withoutNulls(parseRow(queueSchema, row, { table: 'queues', id: row.queueId })),
  };
}

/** `sip:` or `sips:`, a host, perhaps a port and a transport: what may become a next hop. */
const targetUri = z.string().max(256).regex(/^sips?:(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:;transport=(?:udp|tcp|tls))?$/i);

/** The far end of a trunk as it is stored. */
export const trunkPeerSchema: z.ZodType<TrunkPeer> = z.strictObject({
  targets: z.array(targetUri).min(1).max(8),
  domain: z.string().regex(/^[a-z0-9.-]{1,253}$/i).exactOptional(),
  username: z.string().regex(/^[\w.+~-]{1,64}$/).exactOptional(),
  registerExpiresS: z.int().min(30).max(86_400).exactOptional(),
  optionsIntervalMs: z.int().min(1_000).max(3_600_000).exactOptional(),
  callerIds: z.array(e164).max(1_000),
  fromUser: z.enum(['caller-id', 'account']),
  identityHeader: z.enum(['none', 'p-asserted-identity', 'p-preferred-identity']),
  numberFormat: z.enum(['plus', 'digits']),
}).refine(({ registerExpiresS, fromUser, username }) => username !== undefined || (registerExpiresS === undefined && fromUser !== 'account'), {
  path: ['username'], error: 'registration and an account in From need a username',
});

/** How voice and keys travel over a trunk as it is stored; one codec at least must be one that prompts can be played in. */
export const trunkMediaSchema: z.ZodType<TrunkMedia> = z.strictObject({
  codecs: z.array(z.enum(VOICE_CODECS)).min(1).max(VOICE_CODECS.length)
    .refine((codecs) => codecs.some((codec) => codec !== 'opus'), { error: 'Opus alone cannot be played to' }).exactOptional(),
  dtmf: z.enum(KEY_WAYS).exactOptional(),
  srtp: z.enum(SRTP_POLICIES).exactOptional(),
});

const trunkSchema = z.object({
  name: z.string().min(1), kind: z.enum(['sip', 'web']), addresses: json(z.array(z.union([z.cidrv4(), z.cidrv6()]))),
  region: z.string().regex(/^[A-Z]{2}$/), trustsAssertedIdentity: flag,
  peer: json(trunkPeerSchema).nullish(),
  media: json(trunkMediaSchema).nullish(),
});

/** @throws AppError `db.bad-row`. */
export function toTrunk(row: TrunkRow): Trunk {
  return {
    trunkId: asId<TrunkId>(row.trunkId), tenantId: asId<TenantId>(row.tenantId),
    ...withoutNulls(parseRow(trunkSchema, row, { table: 'trunks', id: row.trunkId })),
  };
}

const entryPointSchema = z.object({ number: z.string().min(1), name: z.string().min(1), flowId: z.string().min(1) });

/** @throws AppError `db.bad-row`. */
export function toEntryPoint(row: EntryPointRow): EntryPoint {
  return { tenantId: asId<TenantId>(row.tenantId), ...parseRow(entryPointSchema, row, { table: 'entry_points', id: row.number }) };
}

const dispositionSchema = z.object({ code: z.string().min(1), labelFr: z.string().min(1), labelAr: z.string().min(1), labelEn: z.string().min(1) });

/** @throws AppError `db.bad-row`. */
export function toDisposition(row: DispositionRow): Disposition {
  const { code, labelFr: fr, labelAr: ar, labelEn: en } = parseRow(dispositionSchema, row, { table: 'dispositions', id: row.code });
  return { code, label: { fr, ar, en } };
}
