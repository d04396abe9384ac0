import type { Clock, Milliseconds } from './time.ts';

/** What a {@link TokenBucket} is made of. */
export interface TokenBucketOptions {
  /** How many may come at once. */
  readonly capacity: number;
  /** How many per second may come for ever. */
  readonly refillPerSecond: number;
  readonly clock: Clock;
}

/** Lets so many things through at once and so many per second after that; a limit for one source. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledAt: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.capacity;
    this.#filledAt = options.clock();
  }

  /** @returns whether one more may pass now; it is counted if so. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** How long until {@link take} would say yes; 0 when it would now. */
  waitMs(): Milliseconds {
    this.#refill();
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / this.#options.refillPerSecond);
  }

  #refill(): void {
    const now = this.#options.clock();
    // A wall clock that was set back refills nothing, and takes nothing away.
    const elapsedMs = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    this.#tokens = Math.min(this.#options.capacity, this.#tokens + (elapsedMs * this.#options.refillPerSecond) / 1000);
  }
}
