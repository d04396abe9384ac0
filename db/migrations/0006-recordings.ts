import type { MigrationInterface, QueryRunner } from 'typeorm';
import { col, createTable, index, nullable, primary, references } from './table.ts';

/** Recordings, what stays of deleted ones, the policies they are made by, and the trail of who listened. */
export class Recordings1767225600006 implements MigrationInterface {
  readonly name = 'Recordings1767225600006';

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'recordings', [
      primary(col.varchar('recording_id')), col.varchar('tenant_id'), col.varchar('call_id'), col.varchar('kind', 16), col.text('agent_ids'),
      col.bigint('started_at'), nullable(col.bigint('ended_at')), nullable(col.text('ending')), nullable(col.bigint('expires_at')),
    ], { indices: [index('recordings', ['tenant_id', 'call_id']), index('recordings', ['tenant_id', 'expires_at'])] });
    await createTable(runner, 'recording_tombstones', [
      primary(col.varchar('recording_id')), col.varchar('tenant_id'), col.bigint('deleted_at'), col.varchar('reason', 32),
    ], { indices: [index('recording_tombstones', ['tenant_id', 'deleted_at'])] });
    await createTable(runner, 'recording_policies', [
      primary(col.varchar('tenant_id')), primary(col.varchar('scope', 16)), primary(col.varchar('scope_id')), col.text('policy'),
    ], { foreignKeys: [references('tenants', ['tenant_id'])] });
    // No foreign keys: the trail must take what happened, whatever becomes of people and recordings.
    await createTable(runner, 'audit_entries', [
      primary(col.varchar('audit_id')), col.varchar('tenant_id'), col.bigint('at'), nullable(col.varchar('actor_id')),
      col.varchar('action'), col.varchar('subject_id'), col.json('details', runner),
    ], { indices: [index('audit_entries', ['tenant_id', 'at']), index('audit_entries', ['tenant_id', 'subject_id'])] });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['audit_entries', 'recording_policies', 'recording_tombstones', 'recordings']) await runner.dropTable(table);
  }
}
