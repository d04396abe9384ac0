import type { MigrationInterface, QueryRunner } from 'typeorm';
import { col, createTable, index, nullable, primary, references } from './table.ts';

/** Tenants, users, queues, trunks, numbers, dispositions, sessions. */
export class Centre1767225600001 implements MigrationInterface {
  readonly name = 'Centre1767225600001';

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'tenants', [
      primary(col.varchar('tenant_id')), col.varchar('name', 255), col.varchar('time_zone'), col.varchar('region', 2),
      col.varchar('currency', 3), col.bigint('created_at'),
    ]);
    await createTable(runner, 'users', [
      primary(col.varchar('user_id')), col.varchar('tenant_id'), col.varchar('username', 128), col.varchar('display_name', 255),
      col.varchar('role'), col.varchar('password_hash', 255), col.text('skills'), col.text('languages'),
    ], {
      // One name signs in to one tenant: the sign-in page does not ask for the company.
      indices: [index('users', ['username'], { isUnique: true }), index('users', ['tenant_id', 'display_name'])],
      foreignKeys: [references('tenants', ['tenant_id'])],
    });
    await createTable(runner, 'queues', [
      primary(col.varchar('queue_id')), col.varchar('tenant_id'), col.varchar('queue_key'), col.varchar('name', 255),
      nullable(col.varchar('required_skill')), col.text('policy'),
    ], { indices: [index('queues', ['tenant_id', 'queue_key'], { isUnique: true })], foreignKeys: [references('tenants', ['tenant_id'])] });
    await createTable(runner, 'queue_members', [
      primary(col.varchar('tenant_id')), primary(col.varchar('user_id')), primary(col.varchar('queue_id')),
    ], {
      indices: [index('queue_members', ['tenant_id', 'queue_id'])],
      foreignKeys: [references('users', ['user_id']), references('queues', ['queue_id'])],
    });
    await createTable(runner, 'trunks', [
      primary(col.varchar('trunk_id')), col.varchar('tenant_id'), col.varchar('name', 255), col.varchar('kind'),
      col.text('addresses'), col.varchar('region', 2), col.boolean('trusts_asserted_identity'),
    ], { indices: [index('trunks', ['tenant_id'])], foreignKeys: [references('tenants', ['tenant_id'])] });
    await createTable(runner, 'entry_points', [
      primary(col.varchar('tenant_id')), primary(col.varchar('number')), col.varchar('name', 255), col.varchar('flow_id'),
    ], { foreignKeys: [references('tenants', ['tenant_id'])] });
    await createTable(runner, 'dispositions', [
      primary(col.varchar('tenant_id')), primary(col.varchar('code')), col.varchar('label_fr', 255), col.varchar('label_ar', 255),
      col.varchar('label_en', 255), col.int('sort_order'),
    ], { foreignKeys: [references('tenants', ['tenant_id'])] });
    await createTable(runner, 'sessions', [
      primary(col.varchar('token_hash')), col.varchar('tenant_id'), col.varchar('user_id'), col.bigint('created_at'), col.bigint('expires_at'),
    ], {
      // By time alone: the sweep of expired sessions is the installation's, not a tenant's.
      indices: [index('sessions', ['expires_at']), index('sessions', ['tenant_id', 'user_id'])],
      foreignKeys: [references('users', ['user_id'])],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['sessions', 'dispositions', 'entry_points', 'trunks', 'queue_members', 'queues', 'users', 'tenants']) {
      await runner.dropTable(table);
    }
  }
}
