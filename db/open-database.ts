import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import type { AccountStore, SessionStore } from '../server/access/ports.ts';
import { AppError } from '../server/base/app-error.ts';
import type { CentreDirectory } from '../server/call/ports.ts';
import type { AuditTrail, RecordingPolicyStore, RecordingStore } from '../server/call/recording/ports.ts';
import type { CustomerDirectory } from '../server/crm/ports.ts';
import type { History, InteractionStore } from '../server/interaction/ports.ts';
import type { TodaysFacts } from '../server/supervision/ports.ts';
import { SqliteConnections, type Connections } from './connections.ts';
import { withDatabaseFaults } from './database-fault.ts';
import { ALL_ENTITIES } from './entities/all-entities.ts';
import { ALL_MIGRATIONS } from './migrations/all-migrations.ts';
import { DatabaseAccounts } from './stores/accounts.ts';
import { DatabaseAuditTrail } from './stores/audit-trail.ts';
import { DatabaseCentre } from './stores/centre.ts';
import { DatabaseCustomers } from './stores/customers.ts';
import { DatabaseHistory } from './stores/history.ts';
import { DatabaseInteractions } from './stores/interactions.ts';
import { DatabaseRecordings } from './stores/recordings.ts';
import { DatabaseSessions } from './stores/sessions.ts';
import { DatabaseTenants, type TenantDirectory } from './stores/tenants.ts';
import { DatabaseTodaysFacts } from './stores/todays-facts.ts';

/** Every store of the database, for `main.ts` to hand to the stages. */
export interface Database {
  readonly tenants: TenantDirectory;
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly centre: CentreDirectory;
  readonly customers: CustomerDirectory;
  readonly interactions: InteractionStore;
  readonly history: History;
  readonly todaysFacts: TodaysFacts;
  readonly recordings: RecordingStore & RecordingPolicyStore;
  readonly auditTrail: AuditTrail;
  /** For `db/seed` alone. */
  readonly connections: Connections;
  close(): Promise<void>;
}

/** Name of the database in the data directory. */
export const DATABASE_FILE = 'allo.sqlite';

/** Longest that a statement waits for another program, in milliseconds: this thread stands still meanwhile. */
const BUSY_TIMEOUT_MS = 250;

/**
 * Opens the SQLite database of a data directory, makes it when there is none, and brings its
 * tables up to date.
 * @throws AppError `db.unwritable`, `db.locked`, `db.newer-schema`, `db.corrupt`, each one clear line.
 */
export async function openDatabase({ dataDirectory }: { readonly dataDirectory: string }): Promise<Database> {
  tryDirectory(dataDirectory);
  const file = join(dataDirectory, DATABASE_FILE);
  const writer = sqlite(file, {});
  await withDatabaseFaults(() => prepare(writer));
  const reader = sqlite(file, { readonly: true });
  try {
    await withDatabaseFaults(() => reader.initialize());
  } catch (cause) {
    await writer.destroy();
    throw cause;
  }
  return assemble(new SqliteConnections(reader, writer));
}

/**
 * Opens the database for reading only, whatever its tables look like; for tools beside or
 * without a running program.
 * @returns nothing when the directory has no database yet.
 * @throws AppError as {@link openDatabase} does.
 */
export async function openDatabaseReadOnly({ dataDirectory }: { readonly dataDirectory: string }): Promise<Database | undefined> {
  const file = join(dataDirectory, DATABASE_FILE);
  if (!existsSync(file)) return undefined;
  const reader = sqlite(file, { readonly: true });
  await withDatabaseFaults(() => reader.initialize());
  // Writes go to the same connection and are refused by it.
  return assemble(new SqliteConnections(reader, reader));
}

/** Joins the stores over any connections. */
export function assemble(connections: Connections): Database {
  return {
    tenants: new DatabaseTenants(connections),
    accounts: new DatabaseAccounts(connections),
    sessions: new DatabaseSessions(connections),
    centre: new DatabaseCentre(connections),
    customers: new DatabaseCustomers(connections),
    interactions: new DatabaseInteractions(connections),
    history: new DatabaseHistory(connections),
    todaysFacts: new DatabaseTodaysFacts(connections),
    recordings: new DatabaseRecordings(connections),
    auditTrail: new DatabaseAuditTrail(connections),
    connections,
    close: () => connections.close(),
  };
}

/** What `prepareDatabase` is given by better-sqlite3; TypeORM does not type it. */
interface Pragmas {
  pragma(source: string): unknown;
}

function sqlite(file: string, { readonly = false }: { readonly readonly?: boolean }): DataSource {
  return new DataSource({
    type: 'better-sqlite3', database: file, readonly, enableWAL: !readonly, timeout: BUSY_TIMEOUT_MS,
    entities: ALL_ENTITIES, migrations: ALL_MIGRATIONS, migrationsTableName: 'migrations', migrationsTransactionMode: 'each',
    prepareDatabase(connection: Pragmas) {
      // With WAL the database stays whole through a loss of power and may lose the last commits; the
      // ledger has those, and the position that says so is lost with them (sqlite.org/pragma.html#pragma_synchronous).
      connection.pragma('synchronous = NORMAL');
      // A negative size is in KiB: 32 MiB of pages; then the file is read through the page cache of the system.
      connection.pragma('cache_size = -32768');
      connection.pragma(`mmap_size = ${256 * 1024 * 1024}`);
    },
  });
}

async function prepare(writer: DataSource): Promise<void> {
  try {
    await writer.initialize();
    await refuseNewerSchema(writer);
    await writer.runMigrations();
  } catch (cause) {
    if (writer.isInitialized) await writer.destroy();
    throw cause;
  }
}

/** A program that is older than its database would write what the newer one misreads. */
async function refuseNewerSchema(writer: DataSource): Promise<void> {
  const runner = writer.createQueryRunner();
  if (!await runner.hasTable('migrations')) return;
  const known = new Set<string>(ALL_MIGRATIONS.map(({ name }) => name));
  const done = await writer.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id');
  const newer = done.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (newer.length === 0) return;
  throw new AppError({
    code: 'db.newer-schema', category: 'config',
    message: `the database was made by a newer version of this program (${newer.join(', ')}); install that version`,
    details: { migrations: newer },
  });
}

function tryDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new AppError({
      code: 'db.unwritable', category: 'config', message: `the data directory ${directory} cannot be written`, cause,
    });
  }
}
