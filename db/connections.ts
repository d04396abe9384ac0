import type { DataSource, EntityManager } from 'typeorm';
import { withDatabaseFaults } from './database-fault.ts';

/**
 * How the stores reach the database.
 *
 * SQLite has one connection that writes and one that only reads, so that nobody reads what a
 * transaction has not committed; both run their statements on this thread (better-sqlite3 is
 * synchronous). What that costs: while a statement runs, nothing else does, signalling included.
 * Statements are therefore kept short (look-ups by index, batches of at most some hundred
 * rows), and media, which must not wait, lives in its own threads. A thread of its own for the
 * database comes when a measurement asks for it; this interface stays as it is.
 * On MySQL both are one pool and `write` needs no line.
 */
export interface Connections {
  /** Runs reads. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** Runs one transaction: all of it or nothing. */
  write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Two connections to one SQLite file; transactions stand in line, for they share theirs. */
export class SqliteConnections implements Connections {
  readonly #reader: DataSource;
  readonly #writer: DataSource;
  #line: Promise<unknown> = Promise.resolve();

  constructor(reader: DataSource, writer: DataSource) {
    this.#reader = reader;
    this.#writer = writer;
  }

  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return withDatabaseFaults(() => work(this.#reader.manager));
  }

  write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const turn = this.#line.then(() => withDatabaseFaults(() => this.#writer.transaction(work)));
    // The next in line waits for the end of this one, however it ends; its caller hears how.
    this.#line = turn.catch(() => undefined);
    return turn;
  }

  /** Waits for the transactions in line. */
  async close(): Promise<void> {
    await this.#line;
    // Offline both are one connection that only reads.
    for (const connection of new Set([this.#reader, this.#writer])) await connection.destroy();
  }
}
