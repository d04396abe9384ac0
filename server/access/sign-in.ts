import { createHash, randomBytes } from 'node:crypto';
import { epochMs, type Clock, type Milliseconds } from '../base/time.ts';
import { Gate } from './gate.ts';
import { verifyPassword } from './passwords.ts';
import type { AccountStore, ActiveSession, Account, SessionStore, Sessions, SignInAttempt, SignInOutcome } from './ports.ts';
import { SignInLimits } from './sign-in-limits.ts';

/** A working day with its breaks: nobody is signed out in mid-shift, a forgotten browser is by the morning. */
export const SESSION_LIFETIME_MS: Milliseconds = 12 * 60 * 60_000;

/** Two hashes at once leave the thread pool to the ledger; a hundred waiting are served within seconds. */
const HASHES_AT_ONCE = 2;
const HASHES_WAITING = 100;

/** What {@link SignIn} needs. */
export interface SignInOptions {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly clock: Clock;
  readonly lifetimeMs?: Milliseconds;
}

/** Signs people in and out, and knows who a cookie speaks for. */
export class SignIn implements Sessions {
  readonly #accounts: AccountStore;
  readonly #sessions: SessionStore;
  readonly #clock: Clock;
  readonly #lifetimeMs: Milliseconds;
  readonly #limits: SignInLimits;
  readonly #gate = new Gate(HASHES_AT_ONCE, HASHES_WAITING);

  constructor(options: SignInOptions) {
    this.#accounts = options.accounts;
    this.#sessions = options.sessions;
    this.#clock = options.clock;
    this.#lifetimeMs = options.lifetimeMs ?? SESSION_LIFETIME_MS;
    this.#limits = new SignInLimits(options.clock);
  }

  /** @throws AppError `access.busy` when too many sign in at once; what the stores throw. */
  async signIn(attempt: SignInAttempt): Promise<SignInOutcome> {
    const admitted = this.#limits.admit(attempt);
    if (admitted.kind === 'wait') return admitted;
    try {
      const account = await this.#checkPassword(attempt);
      if (!account) return { kind: 'wrong-credentials' };
      const opened = await this.#open(account);
      admitted.succeeded();
      return opened;
    } catch (cause) {
      admitted.undecided();
      throw cause;
    }
  }

  async resolve(token: string): Promise<ActiveSession | undefined> {
    const stored = await this.#sessions.find(hashToken(token));
    if (!stored || stored.expiresAt <= this.#clock()) return undefined;
    const user = await this.#accounts.findById(stored.userId);
    return user && { sessionId: stored.tokenHash, user, expiresAt: stored.expiresAt };
  }

  async signOut(token: string): Promise<ActiveSession | undefined> {
    const session = await this.resolve(token);
    await this.#sessions.remove(hashToken(token));
    return session;
  }

  #checkPassword({ username, password }: SignInAttempt): Promise<Account | undefined> {
    return this.#gate.run(async () => {
      const account = await this.#accounts.findByUsername(username);
      return (await verifyPassword(account?.passwordHash, password)) ? account : undefined;
    });
  }

  async #open({ user }: Account): Promise<SignInOutcome> {
    const now = this.#clock();
    const token = randomBytes(32).toString('base64url');
    const session = { sessionId: hashToken(token), user, expiresAt: epochMs(now + this.#lifetimeMs) };
    await this.#sessions.removeExpired(now);
    await this.#sessions.insert({ tokenHash: session.sessionId, userId: user.userId, createdAt: now, expiresAt: session.expiresAt });
    return { kind: 'signed-in', token, session };
  }
}

/** A plain hash is enough: 32 random bytes cannot be guessed, unlike a password. */
function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
