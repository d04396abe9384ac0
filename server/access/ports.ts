import type { EpochMs } from '../base/time.ts';
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
