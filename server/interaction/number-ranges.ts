/** A run of numbers, both ends included. */
export interface NumberRun {
  readonly first: number;
  readonly last: number;
}

/** A set of whole numbers kept as runs: a million numbers without gaps are one pair. */
export class NumberRanges {
  /** `[first, last]`, ascending, never touching. */
  readonly #runs: [first: number, last: number][] = [];

  /** @returns whether the number is new. */
  add(number: number): boolean {
    const at = this.#firstRunEndingAtOrAfter(number - 1);
    const run = this.#runs[at];
    if (!run || run[0] > number + 1) {
      this.#runs.splice(at, 0, [number, number]);
      return true;
    }
    if (run[0] <= number && number <= run[1]) return false;
    if (run[0] === number + 1) {
      run[0] = number;
      return true;
    }
    run[1] = number;
    const next = this.#runs[at + 1];
    if (next && next[0] === number + 1) {
      run[1] = next[1];
      this.#runs.splice(at + 1, 1);
    }
    return true;
  }

  has(number: number): boolean {
    const run = this.#runs[this.#firstRunEndingAtOrAfter(number)];
    return run !== undefined && run[0] <= number;
  }

  get highest(): number {
    return this.#runs.at(-1)?.[1] ?? 0;
  }

  get count(): number {
    return this.#runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  /** The set as runs, ascending. */
  runs(): readonly NumberRun[] {
    return this.#runs.map(([first, last]) => ({ first, last }));
  }

  #firstRunEndingAtOrAfter(number: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#runs[middle]?.[1] ?? Infinity) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
