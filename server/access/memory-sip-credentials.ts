import { randomBytes } from 'node:crypto';
import { AppError } from '../base/app-error.ts';
import { epochMs, type Clock, type EpochMs, type Milliseconds } from '../base/time.ts';
import type { SessionSipCredentials, SipCredential, SipPrincipal } from './ports.ts';

/** How long credentials live at most: an agent's session, a guest's call. */
export const LONGEST_CREDENTIAL_MS = { agent: 12 * 60 * 60_000, guest: 60 * 60_000 } as const satisfies Record<SipPrincipal['kind'], Milliseconds>;

/** How many may live at once: several tabs of 5,000 agents, and guests who must not crowd them out. */
export const MOST_CREDENTIALS = { agent: 20_000, guest: 2_000 } as const satisfies Record<SipPrincipal['kind'], number>;

/** How many one browser session keeps: its tabs and their reloads; the oldest gives way. */
const MOST_PER_SESSION = 16;

/** What {@link MemorySipCredentials} needs. */
export interface MemorySipCredentialsOptions {
  /** Digest realm (RFC 8760 §2.4, RFC 3261 §22.1): also the host part of the address of record. */
  readonly realm: string;
  readonly clock: Clock;
  readonly most?: Readonly<Record<SipPrincipal['kind'], number>>;
  /** Hears of each name that was revoked: what is registered with it must go too. */
  readonly onRevoked?: (username: string) => void;
}

type Minted = SipCredential & { readonly sessionId?: string };

/** Short-lived SIP credentials in memory: after a restart every softphone mints its own again. */
export class MemorySipCredentials implements SessionSipCredentials {
  readonly #options: MemorySipCredentialsOptions;
  readonly #most: Readonly<Record<SipPrincipal['kind'], number>>;
  /** In order of minting. */
  readonly #minted: Record<SipPrincipal['kind'], Map<string, Minted>> = { agent: new Map(), guest: new Map() };

  constructor(options: MemorySipCredentialsOptions) {
    this.#options = options;
    this.#most = options.most ?? MOST_CREDENTIALS;
  }

  /** How many are kept, expired ones not yet pruned included. */
  get size(): number {
    return this.#minted.agent.size + this.#minted.guest.size;
  }

  /** @throws AppError `access.too-many-credentials` (retryable) when no more may live at once. */
  async mint(principal: SipPrincipal, sessionExpiresAt: EpochMs, sessionId?: string): Promise<SipCredential> {
    const minted = this.#minted[principal.kind];
    this.#makeRoom(principal.kind);
    if (sessionId !== undefined) this.#dropOldestOf(sessionId, minted);
    const longest = this.#options.clock() + LONGEST_CREDENTIAL_MS[principal.kind];
    const credential: Minted = {
      username: newUsername(principal.kind, minted),
      password: randomBytes(24).toString('base64url'),
      realm: this.#options.realm,
      principal,
      expiresAt: epochMs(Math.min(sessionExpiresAt, longest)),
      ...(sessionId === undefined ? {} : { sessionId }),
    };
    minted.set(credential.username, credential);
    return credential;
  }

  async find(username: string): Promise<SipCredential | undefined> {
    const minted = this.#minted[username.startsWith('a-') ? 'agent' : 'guest'];
    const credential = minted.get(username);
    if (!credential || credential.expiresAt > this.#options.clock()) return credential;
    minted.delete(username);
    return undefined;
  }

  async revoke(username: string): Promise<void> {
    for (const minted of Object.values(this.#minted)) {
      if (minted.delete(username)) this.#options.onRevoked?.(username);
    }
  }

  async revokeSession(sessionId: string): Promise<void> {
    for (const minted of Object.values(this.#minted)) {
      const own = [...minted.values()].filter((credential) => credential.sessionId === sessionId);
      for (const { username } of own) await this.revoke(username);
    }
  }

  #dropOldestOf(sessionId: string, minted: Map<string, Minted>): void {
    const own = [...minted.values()].filter((credential) => credential.sessionId === sessionId);
    for (const { username } of own.slice(0, Math.max(0, own.length + 1 - MOST_PER_SESSION))) minted.delete(username);
  }

  #makeRoom(kind: SipPrincipal['kind']): void {
    const minted = this.#minted[kind];
    const now = this.#options.clock();
    for (const [username, credential] of minted) {
      if (credential.expiresAt <= now) minted.delete(username);
    }
    if (minted.size < this.#most[kind]) return;
    throw new AppError({
      code: 'access.too-many-credentials',
      category: 'upstream',
      message: 'too many softphones at once: try again in a few minutes',
      retryable: true,
      details: { kind, most: this.#most[kind] },
    });
  }
}

/** `a-` for agents, `g-` for guests, and eight characters that are easy to tell apart in a trace. */
function newUsername(kind: SipPrincipal['kind'], taken: ReadonlyMap<string, unknown>): string {
  for (;;) {
    const username = `${kind === 'agent' ? 'a' : 'g'}-${randomBytes(4).toString('hex')}`;
    if (!taken.has(username)) return username;
  }
}
