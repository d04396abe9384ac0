import type { MigrationInterface, QueryRunner } from 'typeorm';
import { col, createTable, index, nullable, primary, references } from './table.ts';

const OF_A_CUSTOMER = ['tenant_id', 'customer_id'] as const;

/** The customer base: customers, numbers, contracts, cases, invoices, orders, tasks. */
export class Customers1767225600002 implements MigrationInterface {
  readonly name = 'Customers1767225600002';

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'customers', [
      primary(col.varchar('tenant_id')), primary(col.varchar('customer_id')), col.varchar('display_name', 255),
      nullable(col.varchar('company', 255)), nullable(col.varchar('language', 2)), col.varchar('tier', 16), col.text('tier_reason'),
      col.int('value_score'), col.varchar('churn_light', 16), nullable(col.varchar('assigned_manager_id')),
      nullable(col.varchar('email', 255)), nullable(col.text('address')), col.boolean('consent_recording'), col.boolean('consent_marketing'),
      col.text('opted_out_channels'), col.text('custom_fields'), col.varchar('search_text', 512),
    ], {
      indices: [index('customers', ['tenant_id', 'search_text'])],
      foreignKeys: [references('tenants', ['tenant_id'])],
    });
    // The key starts with tenant and number: the look-up of a caller is one walk down this index.
    await createTable(runner, 'customer_numbers', [
      primary(col.varchar('tenant_id')), primary(col.varchar('number', 16)), primary(col.varchar('customer_id')), col.int('sort_order'),
    ], ofACustomer('customer_numbers'));
    await createTable(runner, 'contracts', [
      primary(col.varchar('tenant_id')), primary(col.varchar('number')), col.varchar('customer_id'), col.varchar('product', 255),
      col.varchar('status', 16), col.bigint('started_at'), nullable(col.bigint('ends_at')), col.bigint('premium_minor'), col.varchar('premium_currency', 3),
    ], ofACustomer('contracts', 'status'));
    await createTable(runner, 'cases', [
      primary(col.varchar('tenant_id')), primary(col.varchar('number')), col.varchar('customer_id'), col.varchar('kind', 16),
      col.varchar('title', 255), col.varchar('status', 32), col.bigint('opened_at'), nullable(col.bigint('closed_at')),
    ], ofACustomer('cases', 'status'));
    await createTable(runner, 'invoices', [
      primary(col.varchar('tenant_id')), primary(col.varchar('number')), col.varchar('customer_id'), col.varchar('label', 255),
      col.bigint('amount_minor'), col.varchar('amount_currency', 3), col.bigint('due_at'), nullable(col.bigint('paid_at')),
    ], ofACustomer('invoices'));
    await createTable(runner, 'orders', [
      primary(col.varchar('tenant_id')), primary(col.varchar('number')), col.varchar('customer_id'), col.varchar('label', 255),
      col.varchar('status', 16), col.bigint('placed_at'), col.bigint('amount_minor'), col.varchar('amount_currency', 3),
    ], ofACustomer('orders'));
    await createTable(runner, 'tasks', [
      primary(col.varchar('tenant_id')), primary(col.varchar('task_id')), col.varchar('customer_id'), col.varchar('title', 255),
      col.varchar('kind', 16), nullable(col.bigint('due_at')), nullable(col.bigint('done_at')), nullable(col.varchar('assignee_id')),
    ], ofACustomer('tasks'));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['tasks', 'orders', 'invoices', 'cases', 'contracts', 'customer_numbers', 'customers']) await runner.dropTable(table);
  }
}

const ofACustomer = (table: string, ...more: readonly string[]): Parameters<typeof createTable>[3] => ({
  indices: [index(table, [...OF_A_CUSTOMER, ...more])],
  foreignKeys: [references('customers', OF_A_CUSTOMER)],
});
