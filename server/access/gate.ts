import { AppError } from '../base/app-error.ts';

/**
 * Lets only so much costly work run at once, and only so much wait.
 *
 * Password hashes run in the same thread pool as file writes: without a gate a flood of sign-ins
 * would hold up the ledger, and with it the calls.
 */
export class Gate {
  readonly #width: number;
  readonly #queueLimit: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  /** @param width - how many run at once. @param queueLimit - how many may wait behind them. */
  constructor(width: number, queueLimit: number) {
    this.#width = width;
    this.#queueLimit = queueLimit;
  }

  /**
   * Runs the work when it is its turn, first come first served.
   * @throws AppError `access.busy` (retryable) when too many wait already; what `work` throws.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#width) await this.#turn();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      // The place passes on to the next in line, or becomes free.
      if (next) next();
      else this.#running -= 1;
    }
  }

  #turn(): Promise<void> {
    if (this.#queue.length >= this.#queueLimit) {
      throw new AppError({ code: 'access.busy', category: 'upstream', message: 'too many people sign in at once', retryable: true });
    }
    return new Promise((resolve) => this.#queue.push(resolve));
  }
}
