import type { EpochMs, Milliseconds } from '../base/time.ts';
import type { User } from '../model/centre.ts';
import type { TenantId, UserId } from '../model/ids.ts';

/** A user with what proves her password. */
export interface Account {
  readonly user: User;
  /** PHC string, argon2id (RFC 9106). */
  readonly passwordHash: string;
}

/** The accounts in the database. Implemented in `db`. */
export interface AccountStore {
  findByUsername(username: string): Promise<Account | undefined>;
  findById(userId: UserId): Promise<User | undefined>;
  listUsers(tenantId: TenantId): Promise<readonly User[]>;
}

/** A signed-in browser, as kept in the database: a session survives a restart. */
export interface StoredSession {
  /** SHA-256 of the cookie's secret, hexadecimal: the secret itself is not stored. */
  readonly tokenHash: string;
  readonly userId: UserId;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
}

/** The sessions in the database. Implemented in `db`. */
export interface SessionStore {
  insert(session: StoredSession): Promise<void>;
  find(tokenHash: string): Promise<StoredSession | undefined>;
  remove(tokenHash: string): Promise<void>;
  removeExpired(now: EpochMs): Promise<void>;
}

/** Who a set of SIP credentials speaks for. */
export type SipPrincipal =
  | { readonly kind: 'agent'; readonly userId: UserId; readonly tenantId: TenantId }
  /** Somebody on the *call us* page. */
  | { readonly kind: 'guest'; readonly tenantId: TenantId };

/** Short-lived SIP credentials, minted for one browser session. */
export interface SipCredential {
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  readonly principal: SipPrincipal;
  readonly expiresAt: EpochMs;
}

/** The minted SIP credentials; memory here, Redis later. The registrar in `server/sip` asks it. */
export interface SipCredentials {
  mint(principal: SipPrincipal, sessionExpiresAt: EpochMs): Promise<SipCredential>;
  /** @returns nothing for unknown and for expired ones alike. */
  find(username: string): Promise<SipCredential | undefined>;
  revoke(username: string): Promise<void>;
}

/** The minted SIP credentials as the pages use them: bound to a browser session, so that signing out ends them. */
export interface SessionSipCredentials extends SipCredentials {
  /** @param sessionId - see {@link ActiveSession}; guests have none. */
  mint(principal: SipPrincipal, sessionExpiresAt: EpochMs, sessionId?: string): Promise<SipCredential>;
  /** Revokes everything minted for the session. Idempotent. */
  revokeSession(sessionId: string): Promise<void>;
}

/** A signed-in browser that has proved who it is. */
export interface ActiveSession {
  /** Names the session without being able to open it: the token's SHA-256, hexadecimal. */
  readonly sessionId: string;
  readonly user: User;
  readonly expiresAt: EpochMs;
}

/** What somebody who wants to sign in gives. */
export interface SignInAttempt {
  readonly username: string;
  readonly password: string;
  /** Where the attempt comes from: an IP address. */
  readonly address: string;
}

/** How an attempt to sign in went. */
export type SignInOutcome =
  | { readonly kind: 'signed-in'; /** The cookie's secret: shown here once, never stored. */ readonly token: string; readonly session: ActiveSession }
  /** Unknown name and wrong password alike. */
  | { readonly kind: 'wrong-credentials' }
  /** Too many failures: not even looked at. */
  | { readonly kind: 'wait'; readonly retryAfterMs: Milliseconds };

/** Signing in and out, and who a cookie speaks for. Implemented by `SignIn` here, used by `server/http` and `server/ws`. */
export interface Sessions {
  signIn(attempt: SignInAttempt): Promise<SignInOutcome>;
  /** @returns nothing for unknown, ended and expired tokens alike. */
  resolve(token: string): Promise<ActiveSession | undefined>;
  /** @returns the session that it ended, if there was one. */
  signOut(token: string): Promise<ActiveSession | undefined>;
}
