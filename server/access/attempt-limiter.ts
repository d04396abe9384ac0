import type { Clock, Milliseconds } from '../base/time.ts';

/** The rule of an {@link AttemptLimiter}. */
export interface AttemptRule {
  /** How many attempts cost no wait. */
  readonly freeAttempts: number;
  /** The wait after the last free attempt; it doubles with each further one. */
  readonly firstWaitMs: Milliseconds;
  readonly longestWaitMs: Milliseconds;
  /** After so long without an attempt everything is forgiven. */
  readonly forgetAfterMs: Milliseconds;
  /** How many keys are remembered; the one longest unused is forgotten first. */
  readonly maxKeys: number;
}

/** Whether an attempt may be made. */
export type Permission = { readonly kind: 'granted' } | { readonly kind: 'wait'; readonly retryAfterMs: Milliseconds };

interface Tally {
  readonly attempts: number;
  readonly lastAt: number;
  readonly blockedUntil: number;
}

/**
 * Slows down guessing: each attempt counts as a failure from its start (so that a thousand at
 * once count a thousand), and is given back when it succeeds. Memory is bounded.
 */
export class AttemptLimiter {
  readonly #rule: AttemptRule;
  readonly #clock: Clock;
  /** In order of last use, the oldest first. */
  readonly #tallies = new Map<string, Tally>();

  constructor(rule: AttemptRule, clock: Clock) {
    this.#rule = rule;
    this.#clock = clock;
  }

  /** How many keys are remembered now. */
  get size(): number {
    return this.#tallies.size;
  }

  /** Whether {@link take} would grant; counts nothing. */
  check(key: string): Permission {
    const now = this.#clock();
    const tally = this.#recall(key, now);
    return tally && now < tally.blockedUntil
      ? { kind: 'wait', retryAfterMs: tally.blockedUntil - now }
      : { kind: 'granted' };
  }

  /** Counts an attempt. A refused one is not counted: waiting in vain makes nothing worse. */
  take(key: string): Permission {
    const permission = this.check(key);
    if (permission.kind === 'granted') {
      const now = this.#clock();
      this.#remember(key, (this.#recall(key, now)?.attempts ?? 0) + 1, now);
    }
    return permission;
  }

  /** The attempt was no failure: it does not count. */
  giveBack(key: string): void {
    const tally = this.#recall(key, this.#clock());
    if (!tally) return;
    if (tally.attempts <= 1) this.#tallies.delete(key);
    else this.#remember(key, tally.attempts - 1, tally.lastAt);
  }

  /** Forgives everything. */
  forget(key: string): void {
    this.#tallies.delete(key);
  }

  #recall(key: string, now: number): Tally | undefined {
    const tally = this.#tallies.get(key);
    if (!tally) return undefined;
    if (now - tally.lastAt < this.#rule.forgetAfterMs) return tally;
    this.#tallies.delete(key);
    return undefined;
  }

  #remember(key: string, attempts: number, lastAt: number): void {
    const blockedUntil = attempts < this.#rule.freeAttempts ? 0 : lastAt + this.#waitAfter(attempts);
    this.#tallies.delete(key);
    this.#tallies.set(key, { attempts, lastAt, blockedUntil });
    if (this.#tallies.size > this.#rule.maxKeys) {
      const oldest = this.#tallies.keys().next();
      if (!oldest.done) this.#tallies.delete(oldest.value);
    }
  }

  #waitAfter(attempts: number): Milliseconds {
    const { freeAttempts, firstWaitMs, longestWaitMs } = this.#rule;
    return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(30, attempts - freeAttempts));
  }
}
