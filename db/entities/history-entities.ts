import { EntitySchema } from 'typeorm';
import { bigint, boolean, integer, key, optional, text, varchar } from './columns.ts';

/**
 * One interaction: columns for what lists show and filter by, and the whole record as JSON.
 * No foreign keys: the history must take what the ledger holds, whatever became of the rest.
 */
export interface InteractionRow {
  callId: string;
  tenantId: string;
  trunkId: string;
  trunkSequence: number;
  /** Not from our trunks but brought along: no part of the proof or of today's figures. */
  imported: boolean;
  channel: string;
  direction: string;
  startedAt: number;
  endedAt: number | null;
  /** The call or its wrap-up goes on. */
  isOpen: boolean;
  customerId: string | null;
  customerName: string | null;
  callingNumber: string | null;
  queueId: string | null;
  agentId: string | null;
  intent: string | null;
  disposition: string | null;
  note: string | null;
  talkMs: number | null;
  waitMs: number | null;
  terminationResult: string | null;
  terminationReason: string | null;
  sipStatus: number | null;
  q850: number | null;
  lastSeq: number;
  lastAt: number;
  record: string;
}

export const interactionEntity = new EntitySchema<InteractionRow>({
  name: 'interaction', tableName: 'interactions',
  columns: {
    callId: key(varchar('call_id')), tenantId: varchar('tenant_id'), trunkId: varchar('trunk_id'),
    trunkSequence: bigint('trunk_sequence'), imported: boolean('imported'), channel: varchar('channel', 16),
    direction: varchar('direction', 16), startedAt: bigint('started_at'), endedAt: optional(bigint('ended_at')),
    isOpen: boolean('is_open'), customerId: optional(varchar('customer_id')), customerName: optional(varchar('customer_name', 255)),
    callingNumber: optional(varchar('calling_number', 255)), queueId: optional(varchar('queue_id')), agentId: optional(varchar('agent_id')),
    intent: optional(varchar('intent', 255)), disposition: optional(varchar('disposition')), note: optional(text('note')),
    talkMs: optional(bigint('talk_ms')), waitMs: optional(bigint('wait_ms')),
    terminationResult: optional(varchar('termination_result', 16)), terminationReason: optional(varchar('termination_reason', 255)),
    sipStatus: optional(integer('sip_status')), q850: optional(integer('q850')),
    lastSeq: integer('last_seq'), lastAt: bigint('last_at'), record: text('record'),
  },
});

/** How far a ledger is projected. One per ledger, that is per node, not per tenant. */
export interface LedgerPositionRow {
  ledgerId: string;
  position: number;
}

export const ledgerPositionEntity = new EntitySchema<LedgerPositionRow>({
  name: 'ledger-position', tableName: 'ledger_positions',
  columns: { ledgerId: key(varchar('ledger_id')), position: bigint('position') },
});

/** What was seeded into this database, so that it is done once. */
export interface SeedMarkerRow {
  name: string;
  tenantId: string;
  seededAt: number;
}

export const seedMarkerEntity = new EntitySchema<SeedMarkerRow>({
  name: 'seed-marker', tableName: 'seed_markers',
  columns: { name: key(varchar('name')), tenantId: varchar('tenant_id'), seededAt: bigint('seeded_at') },
});
