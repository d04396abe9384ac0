import type { TrunkId } from '../model/ids.ts';

interface Line {
  /** Highest number given and not taken back. */
  last: number;
  /** Numbers below it that were given, refused by the ledger, and wait to be given again. */
  readonly free: Set<number>;
}

/**
 * Numbers the calls of each trunk from 1 without gaps.
 *
 * A number is given when the call's first event is handed to the ledger, so that calls which
 * arrive together share one group commit; it counts once that event is durable. When the ledger
 * cannot write, it refuses that event and all behind it, in order, in one turn of the event loop:
 * their numbers are taken back before the next INVITE can be read, and the next call gets the
 * lowest of them. So whatever is durable, at any moment at which the process may die, is 1..n.
 * A number whose event is refused alone (too large, overload) is given to the next call.
 */
export class TrunkSequence {
  readonly #lines = new Map<TrunkId, Line>();

  /** @param highest - the highest number of each trunk in ledger and history; absent trunks start at 1. */
  constructor(highest: ReadonlyMap<TrunkId, number> = new Map()) {
    for (const [trunkId, last] of highest) this.#lines.set(trunkId, { last, free: new Set() });
  }

  /**
   * Gives a call the next number of its trunk.
   * @param record - writes the call's first event; called at once, in the same turn.
   * @throws what `record` throws; the number is then given to another call.
   */
  async number(trunkId: TrunkId, record: (trunkSequence: number) => Promise<unknown>): Promise<void> {
    const line = this.#lineOf(trunkId);
    const given = this.#take(line);
    try {
      await record(given);
    } catch (cause) {
      line.free.add(given);
      while (line.free.delete(line.last)) line.last -= 1;
      throw cause;
    }
  }

  /** The highest number of a trunk so far; 0 before its first call. */
  highest(trunkId: TrunkId): number {
    return this.#lines.get(trunkId)?.last ?? 0;
  }

  #lineOf(trunkId: TrunkId): Line {
    const known = this.#lines.get(trunkId);
    if (known) return known;
    const line: Line = { last: 0, free: new Set() };
    this.#lines.set(trunkId, line);
    return line;
  }

  #take(line: Line): number {
    if (line.free.size > 0) {
      const lowest = Math.min(...line.free);
      line.free.delete(lowest);
      return lowest;
    }
    line.last += 1;
    return line.last;
  }
}
