import { QueryFailedError } from 'typeorm';
import { AppError, describeError, type AppErrorOptions } from '../server/base/app-error.ts';

type Kind = Pick<AppErrorOptions, 'code' | 'category' | 'message'> & { readonly retryable: boolean };

/** SQLite result codes (sqlite.org/rescode.html), by prefix, first match. */
const SQLITE: readonly (readonly [prefix: string, kind: Kind])[] = [
  ['SQLITE_BUSY', { code: 'db.locked', category: 'config', message: 'the database is in use by another program', retryable: true }],
  ['SQLITE_LOCKED', { code: 'db.locked', category: 'config', message: 'the database is in use by another program', retryable: true }],
  ['SQLITE_FULL', { code: 'db.full', category: 'upstream', message: 'the disk of the database is full', retryable: true }],
  ['SQLITE_READONLY', { code: 'db.unwritable', category: 'config', message: 'the database cannot be written', retryable: true }],
  ['SQLITE_CANTOPEN', { code: 'db.unwritable', category: 'config', message: 'the database cannot be opened', retryable: true }],
  ['SQLITE_PERM', { code: 'db.unwritable', category: 'config', message: 'the database cannot be opened', retryable: true }],
  ['SQLITE_NOTADB', { code: 'db.corrupt', category: 'config', message: 'the database file is damaged or is no database', retryable: true }],
  ['SQLITE_CORRUPT', { code: 'db.corrupt', category: 'config', message: 'the database file is damaged', retryable: true }],
  // These say something about the data that was given, and will say it again.
  ['SQLITE_CONSTRAINT', { code: 'db.constraint', category: 'bug', message: 'the database refuses this data', retryable: false }],
  ['SQLITE_MISMATCH', { code: 'db.constraint', category: 'bug', message: 'the database refuses this data', retryable: false }],
  ['SQLITE_TOOBIG', { code: 'db.constraint', category: 'bug', message: 'the database refuses this data', retryable: false }],
];

const OTHER: Kind = { code: 'db.failed', category: 'upstream', message: 'the database failed', retryable: true };

/**
 * Says what a driver threw in our words. The statement and its values are left out: they may
 * hold personal data.
 */
export function asDatabaseFault(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const cause: unknown = thrown instanceof QueryFailedError ? thrown.driverError : thrown;
  const found = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const kind = SQLITE.find(([prefix]) => found.startsWith(prefix))?.[1] ?? OTHER;
  return new AppError({ ...kind, details: { driver: found === '' ? describeError(cause) : found }, cause });
}

/** Runs database work; whatever it throws becomes an AppError. */
export async function withDatabaseFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw asDatabaseFault(thrown);
  }
}
