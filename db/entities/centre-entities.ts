import { EntitySchema } from 'typeorm';
import { bigint, boolean, integer, key, optional, text, varchar } from './columns.ts';

/** A company that uses this installation. */
export interface TenantRow {
  tenantId: string;
  name: string;
  timeZone: string;
  region: string;
  currency: string;
  createdAt: number;
}

export const tenantEntity = new EntitySchema<TenantRow>({
  name: 'tenant', tableName: 'tenants',
  columns: {
    tenantId: key(varchar('tenant_id')), name: varchar('name', 255), timeZone: varchar('time_zone'),
    region: varchar('region', 2), currency: varchar('currency', 3), createdAt: bigint('created_at'),
  },
});

/** Somebody who signs in. Skills and languages are JSON; the queues are rows of {@link QueueMemberRow}. */
export interface UserRow {
  userId: string;
  tenantId: string;
  username: string;
  displayName: string;
  role: string;
  passwordHash: string;
  skills: string;
  languages: string;
}

export const userEntity = new EntitySchema<UserRow>({
  name: 'user', tableName: 'users',
  columns: {
    userId: key(varchar('user_id')), tenantId: varchar('tenant_id'), username: varchar('username', 128),
    displayName: varchar('display_name', 255), role: varchar('role'), passwordHash: varchar('password_hash', 255),
    skills: text('skills'), languages: text('languages'),
  },
});

/** Who serves which queue. */
export interface QueueMemberRow {
  tenantId: string;
  userId: string;
  queueId: string;
}

export const queueMemberEntity = new EntitySchema<QueueMemberRow>({
  name: 'queue-member', tableName: 'queue_members',
  columns: { tenantId: key(varchar('tenant_id')), userId: key(varchar('user_id')), queueId: key(varchar('queue_id')) },
});

/** A queue; its policy is JSON, checked when it is read. */
export interface QueueRow {
  queueId: string;
  tenantId: string;
  key: string;
  name: string;
  requiredSkill: string | null;
  policy: string;
}

export const queueEntity = new EntitySchema<QueueRow>({
  name: 'queue', tableName: 'queues',
  columns: {
    queueId: key(varchar('queue_id')), tenantId: varchar('tenant_id'), key: varchar('queue_key'),
    name: varchar('name', 255), requiredSkill: optional(varchar('required_skill')), policy: text('policy'),
  },
});

export interface TrunkRow {
  trunkId: string;
  tenantId: string;
  name: string;
  kind: string;
  addresses: string;
  region: string;
  trustsAssertedIdentity: boolean;
  /** JSON of `TrunkPeer`; no passwords. */
  peer?: string | null;
  /** JSON of `TrunkMedia`. */
  media?: string | null;
}

export const trunkEntity = new EntitySchema<TrunkRow>({
  name: 'trunk', tableName: 'trunks',
  columns: {
    trunkId: key(varchar('trunk_id')), tenantId: varchar('tenant_id'), name: varchar('name', 255), kind: varchar('kind'),
    addresses: text('addresses'), region: varchar('region', 2), trustsAssertedIdentity: boolean('trusts_asserted_identity'),
    peer: optional(text('peer')), media: optional(text('media')),
  },
});

export interface EntryPointRow {
  tenantId: string;
  number: string;
  name: string;
  flowId: string;
}

export const entryPointEntity = new EntitySchema<EntryPointRow>({
  name: 'entry-point', tableName: 'entry_points',
  columns: { tenantId: key(varchar('tenant_id')), number: key(varchar('number')), name: varchar('name', 255), flowId: varchar('flow_id') },
});

export interface DispositionRow {
  tenantId: string;
  code: string;
  labelFr: string;
  labelAr: string;
  labelEn: string;
  sortOrder: number;
}

export const dispositionEntity = new EntitySchema<DispositionRow>({
  name: 'disposition', tableName: 'dispositions',
  columns: {
    tenantId: key(varchar('tenant_id')), code: key(varchar('code')), labelFr: varchar('label_fr', 255),
    labelAr: varchar('label_ar', 255), labelEn: varchar('label_en', 255), sortOrder: integer('sort_order'),
  },
});

/** A signed-in browser. */
export interface SessionRow {
  tokenHash: string;
  tenantId: string;
  userId: string;
  createdAt: number;
  expiresAt: number;
}

export const sessionEntity = new EntitySchema<SessionRow>({
  name: 'session', tableName: 'sessions',
  columns: {
    tokenHash: key(varchar('token_hash')), tenantId: varchar('tenant_id'), userId: varchar('user_id'),
    createdAt: bigint('created_at'), expiresAt: bigint('expires_at'),
  },
});
