/**
 * Chance that is the same every time, so that each first start makes the same demonstration.
 * @remarks mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough to scatter examples.
 */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 inclusive to 1 exclusive. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @throws RangeError for an empty list. */
  pick<T>(list: readonly T[]): T {
    const index = this.between(0, list.length - 1);
    // `find` by index instead of an index access: a list of optional values is a list, too.
    const entry = [...list.entries()].find(([at]) => at === index);
    if (!entry) throw new RangeError('nothing to pick from');
    return entry[1];
  }
}
