import type { Clock } from '../base/time.ts';
import { addressKey } from '../base/address-key.ts';
import { AttemptLimiter, type AttemptRule, type Permission } from './attempt-limiter.ts';
import type { SignInAttempt } from './ports.ts';

const MINUTE = 60_000;

/**
 * The rules, narrowest first.
 *
 * A name from one address: five tries, then 1 s, 2 s, 4 s … up to a quarter of an hour. An address
 * has room for an office of people who mistype on a Monday. A name over all addresses is slowed
 * down against guessing from many machines, but never for longer than a minute, or anybody could
 * lock Alice out of her desk.
 */
export const SIGN_IN_RULES = {
  nameAtAddress: { freeAttempts: 5, firstWaitMs: 1_000, longestWaitMs: 15 * MINUTE, forgetAfterMs: 60 * MINUTE, maxKeys: 20_000 },
  address: { freeAttempts: 50, firstWaitMs: 1_000, longestWaitMs: 15 * MINUTE, forgetAfterMs: 15 * MINUTE, maxKeys: 20_000 },
  name: { freeAttempts: 50, firstWaitMs: 1_000, longestWaitMs: MINUTE, forgetAfterMs: 60 * MINUTE, maxKeys: 20_000 },
} as const satisfies { readonly [name: string]: AttemptRule };

/** An attempt to sign in that may go on; it must be reported as one of the two. */
export interface AdmittedAttempt {
  readonly kind: 'granted';
  succeeded(): void;
  /** It came to no verdict (the database was down): it does not count. */
  undecided(): void;
}

/** How often somebody may try to sign in, by name and by address. */
export class SignInLimits {
  readonly #nameAtAddress: AttemptLimiter;
  readonly #address: AttemptLimiter;
  readonly #name: AttemptLimiter;

  constructor(clock: Clock) {
    this.#nameAtAddress = new AttemptLimiter(SIGN_IN_RULES.nameAtAddress, clock);
    this.#address = new AttemptLimiter(SIGN_IN_RULES.address, clock);
    this.#name = new AttemptLimiter(SIGN_IN_RULES.name, clock);
  }

  /** Counts an attempt as failed until it is reported otherwise. */
  admit(attempt: Pick<SignInAttempt, 'username' | 'address'>): AdmittedAttempt | Extract<Permission, { kind: 'wait' }> {
    const name = attempt.username.normalize('NFKC').toLowerCase();
    const address = addressKey(attempt.address);
    const counted: readonly [AttemptLimiter, string][] = [
      [this.#nameAtAddress, `${address} ${name}`], [this.#address, address], [this.#name, name],
    ];
    const waits = counted.map(([limiter, key]) => limiter.check(key)).flatMap((said) => (said.kind === 'wait' ? [said.retryAfterMs] : []));
    if (waits.length > 0) return { kind: 'wait', retryAfterMs: Math.max(...waits) };
    for (const [limiter, key] of counted) limiter.take(key);
    const giveBack = (): void => {
      for (const [limiter, key] of counted) limiter.giveBack(key);
    };
    return {
      kind: 'granted',
      undecided: giveBack,
      succeeded: () => {
        giveBack();
        // The address keeps its failures: one good account must not buy guesses at the others.
        this.#nameAtAddress.forget(`${address} ${name}`);
        this.#name.forget(name);
      },
    };
  }
}
