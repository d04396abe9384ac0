import type { MigrationInterface, QueryRunner } from 'typeorm';
import { col, createTable, index, nullable, primary } from './table.ts';

/** Interactions, how far the ledger is projected, what was seeded. */
export class History1767225600003 implements MigrationInterface {
  readonly name = 'History1767225600003';

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'interactions', [
      // Unique in the whole installation (UUID version 7), and the projector asks by it alone.
      primary(col.varchar('call_id')), col.varchar('tenant_id'), col.varchar('trunk_id'), col.bigint('trunk_sequence'),
      col.boolean('imported'), col.varchar('channel', 16), col.varchar('direction', 16), col.bigint('started_at'),
      nullable(col.bigint('ended_at')), col.boolean('is_open'), nullable(col.varchar('customer_id')), nullable(col.varchar('customer_name', 255)),
      nullable(col.varchar('calling_number', 255)), nullable(col.varchar('queue_id')), nullable(col.varchar('agent_id')),
      nullable(col.varchar('intent', 255)), nullable(col.varchar('disposition')), nullable(col.text('note')),
      nullable(col.bigint('talk_ms')), nullable(col.bigint('wait_ms')), nullable(col.varchar('termination_result', 16)),
      nullable(col.varchar('termination_reason', 255)), nullable(col.int('sip_status')), nullable(col.int('q850')),
      col.int('last_seq'), col.bigint('last_at'), col.json('record', runner),
    ], {
      indices: [
        index('interactions', ['tenant_id', 'started_at']),
        index('interactions', ['tenant_id', 'customer_id', 'started_at']),
        index('interactions', ['tenant_id', 'trunk_id', 'trunk_sequence']),
        // By openness first: a node that starts again closes what it left open, whatever the tenant.
        index('interactions', ['is_open', 'tenant_id']),
      ],
    });
    await createTable(runner, 'ledger_positions', [primary(col.varchar('ledger_id')), col.bigint('position')]);
    await createTable(runner, 'seed_markers', [primary(col.varchar('name')), col.varchar('tenant_id'), col.bigint('seeded_at')]);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['seed_markers', 'ledger_positions', 'interactions']) await runner.dropTable(table);
  }
}
