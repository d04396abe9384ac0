import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { ALL_ENTITIES } from '../../db/entities/all-entities.ts';
import { ALL_MIGRATIONS } from '../../db/migrations/all-migrations.ts';
import { DATABASE_FILE, openDatabase, openDatabaseReadOnly } from '../../db/open-database.ts';
import { AppError } from '../../server/base/app-error.ts';
import { DATABASES, describeOn } from './databases.ts';
import { addTwoTenants, ONE } from './two-tenants.ts';

describe('openDatabase', () => {
  let dataDirectory = '';
  beforeEach(async () => { dataDirectory = await mkdtemp(join(tmpdir(), 'allo-db-')); });
  afterEach(() => rm(dataDirectory, { recursive: true, force: true }));

  const isConfigFault = (code: string, words: RegExp) => (thrown: unknown): boolean =>
    thrown instanceof AppError && thrown.code === code && thrown.category === 'config' && words.test(thrown.message) && !thrown.message.includes('\n');

  it('finds its data again', async () => {
    const first = await openDatabase({ dataDirectory });
    await addTwoTenants(first);
    await first.close();
    const second = await openDatabase({ dataDirectory });
    assert.equal((await second.centre.listUsers(ONE)).length, 1);
    await second.close();
  });

  it('makes a directory that is not there yet', async () => {
    const database = await openDatabase({ dataDirectory: join(dataDirectory, 'a', 'b') });
    assert.deepEqual(await database.tenants.listTenants(), []);
    await database.close();
  });

  it('says in one line that the directory cannot be written', async () => {
    await writeFile(join(dataDirectory, 'file'), '');
    await assert.rejects(openDatabase({ dataDirectory: join(dataDirectory, 'file') }), isConfigFault('db.unwritable', /file cannot be written/));
  });

  it('says in one line that the file is no database', async () => {
    await writeFile(join(dataDirectory, DATABASE_FILE), 'this is not a database, but it is long enough to be read as one'.repeat(20));
    await assert.rejects(openDatabase({ dataDirectory }), isConfigFault('db.corrupt', /no database/));
  });

  it('says in one line that another program holds the database', async () => {
    await (await openDatabase({ dataDirectory })).close();
    const other = new BetterSqlite(join(dataDirectory, DATABASE_FILE));
    other.exec('DELETE FROM migrations WHERE id = 3; BEGIN EXCLUSIVE');
    try {
      await assert.rejects(openDatabase({ dataDirectory }), isConfigFault('db.locked', /in use by another program/));
    } finally {
      other.close();
    }
  });

  it('refuses a database that a newer version made, and leaves it as it was', async () => {
    await (await openDatabase({ dataDirectory })).close();
    const newer = new BetterSqlite(join(dataDirectory, DATABASE_FILE));
    newer.exec(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Teleport9999999999999')`);
    newer.close();
    await assert.rejects(openDatabase({ dataDirectory }), isConfigFault('db.newer-schema', /newer version.*Teleport/));
  });

  it('reads without writing when asked to, and finds nothing where nothing is', async () => {
    assert.equal(await openDatabaseReadOnly({ dataDirectory }), undefined);
    const writer = await openDatabase({ dataDirectory });
    await addTwoTenants(writer);
    const reader = await openDatabaseReadOnly({ dataDirectory });
    assert.equal((await reader?.tenants.listTenants())?.length, 2);
    await assert.rejects(reader?.interactions.commit([], 5) ?? assert.fail(), { code: 'db.unwritable' });
    await reader?.close();
    await writer.close();
  });
});

describe('Migrations', () => {
  it('go up, down and up again, and leave nothing behind', async () => {
    const dataSource = await new DataSource({
      type: 'better-sqlite3', database: ':memory:', entities: ALL_ENTITIES, migrations: ALL_MIGRATIONS, migrationsTransactionMode: 'each',
    }).initialize();
    const tables = async (): Promise<readonly string[]> => (await dataSource.query<{ name: string }[]>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('migrations', 'sqlite_sequence', 'typeorm_metadata') ORDER BY name`,
    )).map(({ name }) => name);
    await dataSource.runMigrations();
    const all = await tables();
    assert.deepEqual(all, ALL_ENTITIES.map(({ options }) => options.tableName).sort());
    for (let left = ALL_MIGRATIONS.length; left > 0; left -= 1) await dataSource.undoLastMigration();
    assert.deepEqual(await tables(), []);
    await dataSource.runMigrations();
    assert.deepEqual(await tables(), all);
    await dataSource.destroy();
  });

  it('make what the entities describe, column by column', async () => {
    const dataSource = await new DataSource({
      type: 'better-sqlite3', database: ':memory:', entities: ALL_ENTITIES, migrations: ALL_MIGRATIONS,
    }).initialize();
    await dataSource.runMigrations();
    for (const { tableName, columns } of dataSource.entityMetadatas) {
      const info = await dataSource.query<{ name: string; notnull: number; pk: number }[]>(`SELECT name, "notnull", pk FROM pragma_table_info('${tableName}')`);
      const made = info.map(({ name, notnull, pk }) => `${name} ${notnull === 0 ? 'null' : 'not null'}${pk > 0 ? ' key' : ''}`).sort();
      const described = columns.map(({ databaseName, isNullable, isPrimary }) => `${databaseName} ${isNullable ? 'null' : 'not null'}${isPrimary ? ' key' : ''}`).sort();
      assert.deepEqual(made, described, tableName);
    }
    await dataSource.destroy();
  });

  it('give every table a tenant, and every index its tenant first but those that say why not', async () => {
    const dataSource = await new DataSource({
      type: 'better-sqlite3', database: ':memory:', entities: ALL_ENTITIES, migrations: ALL_MIGRATIONS,
    }).initialize();
    await dataSource.runMigrations();
    const exempt = new Set(['ix_users_username', 'ix_sessions_expires_at', 'ix_interactions_is_open_tenant_id']);
    for (const { tableName } of dataSource.entityMetadatas) {
      if (tableName === 'ledger_positions') continue;
      const columns = await dataSource.query<{ name: string }[]>(`SELECT name FROM pragma_table_info('${tableName}')`);
      assert.ok(columns.some(({ name }) => name === 'tenant_id'), tableName);
      const indexes = await dataSource.query<{ name: string; origin: string }[]>(`SELECT name, origin FROM pragma_index_list('${tableName}')`);
      for (const { name, origin } of indexes) {
        if (origin !== 'c' || exempt.has(name)) continue;
        const [first] = await dataSource.query<{ name: string }[]>(`SELECT name FROM pragma_index_info('${name}') ORDER BY seqno`);
        assert.equal(first?.name, 'tenant_id', name);
      }
    }
    await dataSource.destroy();
  });
});

describeOn(DATABASES, 'Transactions', (database) => {
  it('stand in line, and show nothing to readers before they are done', async () => {
    const { connections, tenants } = database();
    const seen: number[] = [];
    const insert = (tenantId: string) => connections.write(async (manager) => {
      await manager.query(`INSERT INTO tenants (tenant_id, name, time_zone, region, currency, created_at) VALUES (?, 'x', 'UTC', 'DZ', 'DZD', 1)`, [tenantId]);
      seen.push((await tenants.listTenants()).length);
    });
    await Promise.all([insert('a'), insert('b'), insert('c')]);
    assert.deepEqual(seen, [0, 1, 2]);
    assert.equal((await tenants.listTenants()).length, 3);
  });
});
