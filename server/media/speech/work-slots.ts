/** Lets only so many pieces of work run at once, and only so many wait. */
export class WorkSlots {
  readonly #atOnce: number;
  readonly #mayWait: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atOnce: number, mayWait: number) {
    this.#atOnce = atOnce;
    this.#mayWait = mayWait;
  }

  /** @returns what the work returns, or `full` when too many wait already. Rejects as the work does. */
  async run<T>(work: () => Promise<T>): Promise<T | 'full'> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#mayWait) return 'full';
      await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The slot goes to the next one in line, or is given back.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
