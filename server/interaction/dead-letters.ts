import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../base/app-error.ts';
import type { EpochMs } from '../base/time.ts';
import type { LedgerRecord } from './ledger/record.ts';

/** A ledger record that the history could not take, and why. */
export interface DeadLetter extends LedgerRecord {
  readonly parkedAt: EpochMs;
  readonly because: string;
}

/** Where records wait that cannot be folded or stored: beside the ledger, one JSON line each. */
export class DeadLetters {
  readonly #path: string;

  constructor(directory: string) {
    this.#path = join(directory, 'dead-letters.jsonl');
  }

  /** Parks a record; returns once that is on disk. A record may be parked again after a crash. */
  async park(record: LedgerRecord, cause: unknown, parkedAt: EpochMs): Promise<void> {
    const letter: DeadLetter = { ...record, parkedAt, because: describeError(cause) };
    const file = await open(this.#path, 'a');
    try {
      await file.write(`${JSON.stringify(letter)}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  /** What is parked, by position, each once. A line that a crash cut short is left out: its record is projected again. */
  async list(): Promise<readonly DeadLetter[]> {
    const lines = await readFile(this.#path, 'utf8').catch((cause: unknown) => {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '';
      throw cause;
    });
    const letters = new Map<number, DeadLetter>();
    for (const line of lines.split('\n')) {
      const letter = parse(line);
      if (letter) letters.set(letter.position, letter);
    }
    return [...letters.values()].sort((one, other) => one.position - other.position);
  }
}

function parse(line: string): DeadLetter | undefined {
  if (!line.startsWith('{') || !line.endsWith('}')) return undefined;
  try {
    // A cast because only `park` writes this file.
    return JSON.parse(line) as DeadLetter;
  } catch {
    // Two halves of lines that a crash joined: see `list`.
    return undefined;
  }
}
