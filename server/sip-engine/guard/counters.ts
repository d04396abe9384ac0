/** What the engine has done since its start, and what it holds now. */
export interface SipEngineStats {
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: {
    readonly transactions: number;
    readonly dialogs: number;
    readonly connections: number;
    readonly applications: number;
  };
}

/** Most names that may be counted, so that hostile input cannot grow the table. */
const MAX_NAMES = 500;

/**
 * Named counters: nothing is dropped without one (`received.udp`, `dropped.stray-response`,
 * `absorbed.retransmission`, …).
 */
export class Counters {
  readonly #values = new Map<string, number>();

  /** Counts one more of `name`; never put text from the network into a name. */
  add(name: string): void {
    const value = this.#values.get(name);
    if (value !== undefined) this.#values.set(name, value + 1);
    else if (this.#values.size < MAX_NAMES) this.#values.set(name, 1);
  }

  snapshot(): Record<string, number> {
    return Object.fromEntries(this.#values);
  }
}
