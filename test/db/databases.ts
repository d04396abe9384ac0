import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from '../../db/open-database.ts';

/** One kind of database that every contract suite runs on. */
export interface DatabaseUnderTest {
  readonly name: string;
  /** Makes an empty database with all tables, and what removes it. */
  readonly make: () => Promise<{ readonly database: Database; readonly remove: () => Promise<void> }>;
}

/** SQLite now; MariaDB joins this list, and no suite changes. */
export const DATABASES: readonly DatabaseUnderTest[] = [
  {
    name: 'SQLite',
    async make() {
      const directory = await mkdtemp(join(tmpdir(), 'allo-db-'));
      const database = await openDatabase({ dataDirectory: directory });
      return {
        database,
        async remove() {
          await database.close();
          await rm(directory, { recursive: true, force: true });
        },
      };
    },
  },
];

/**
 * Runs a contract suite on each database.
 * @param suite - gets a function that returns the database of the running test: empty, or as
 *   `prepare` left it.
 */
export function describeOn(
  databases: readonly DatabaseUnderTest[],
  subject: string,
  suite: (database: () => Database) => void,
  prepare: (database: Database) => Promise<void> = () => Promise.resolve(),
): void {
  for (const { name, make } of databases) {
    describe(`${subject} on ${name}`, () => {
      let made: Awaited<ReturnType<DatabaseUnderTest['make']>> | undefined;
      beforeEach(async () => {
        made = await make();
        await prepare(made.database);
      });
      afterEach(async () => {
        await made?.remove();
        made = undefined;
      });
      suite(() => {
        if (!made) throw new Error('no database outside a test');
        return made.database;
      });
    });
  }
}
