import { randomBytes } from 'node:crypto';
import { withoutControls, type HeaderFields } from '../headers/sip-headers.ts';
import { protectionSpace, type DigestChallenge } from './challenge.ts';
import { digestResponse, plainDigestResponse } from './response.ts';

/** Who we are at a carrier or a PBX. */
export interface Account {
  readonly username: string;
  readonly password: string;
}

/** A challenge that was answered, and how often its nonce was used. */
interface Kept {
  readonly challenge: DigestChallenge;
  uses: number;
}

/** A far end has one realm, a chain of proxies a few; the oldest makes room. */
const MAX_REALMS = 8;

/**
 * The client's side of digest for one account at one far end: keeps its last challenges, so that most requests are
 * right at once.
 * @remarks RFC 3261 §22.2 and §22.3, RFC 7616 §3.4 with its nonce count and §3.6 (known nonces used before anybody
 *   asks), RFC 8760. drachtio-srf's own client knows MD5 only, so it is not used. Credentials of several realms for
 *   one header stand in one row, joined by commas, because drachtio-srf writes no two rows of one name.
 */
export class DigestAccount {
  readonly #account: Account;
  readonly #kept = new Map<string, Kept>();

  constructor(account: Account) {
    this.#account = account;
  }

  /** Whether a challenge of this realm was answered here before. */
  knows(realm: string): boolean {
    return [...this.#kept.values()].some(({ challenge }) => challenge.realm === realm);
  }

  get isUnasked(): boolean {
    return this.#kept.size === 0;
  }

  /** Takes a challenge; a nonce that is known goes on being counted. */
  keep(challenge: DigestChallenge): void {
    const space = protectionSpace(challenge);
    const before = this.#kept.get(space);
    const oldest = before === undefined && this.#kept.size >= MAX_REALMS ? this.#kept.keys().next().value : undefined;
    if (oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(space, { challenge, uses: before?.challenge.nonce === challenge.nonce ? before.uses : 0 });
  }

  /** Answers this realm no more until it asks again. */
  forget(challenge: DigestChallenge): void {
    this.#kept.delete(protectionSpace(challenge));
  }

  /**
   * The headers that prove who we are.
   * @param uri - the Request-URI of the request (RFC 3261 §22.4, item 1).
   * @param isWanted - of the challenges kept, which to answer.
   * @returns nothing before the first challenge.
   */
  authorize(method: string, uri: string, isWanted: (challenge: DigestChallenge) => boolean = () => true): HeaderFields {
    const rows = new Map<DigestChallenge['header'], string[]>();
    for (const kept of this.#kept.values()) {
      const { challenge } = kept;
      if (!isWanted(challenge)) continue;
      kept.uses += 1;
      rows.set(challenge.header, [...rows.get(challenge.header) ?? [], this.#answer(kept, method, uri)]);
    }
    return Object.fromEntries([...rows].map(([header, credentials]) => [header, credentials.join(', ')]));
  }

  #answer({ challenge, uses }: Kept, method: string, uri: string): string {
    const { realm, nonce, opaque, algorithm, hasQop } = challenge;
    const { username, password } = this.#account;
    const nc = uses.toString(16).padStart(8, '0');
    const cnonce = randomBytes(8).toString('hex');
    const input = { algorithm, username, realm, password, method, uri, nonce };
    const response = hasQop ? digestResponse({ ...input, nc, cnonce }) : plainDigestResponse(input);
    const params = [
      `username=${quoted(username)}`, `realm=${quoted(realm)}`, `nonce=${quoted(nonce)}`, `uri=${quoted(uri)}`, `response="${response}"`, `algorithm=${algorithm}`,
      ...(hasQop ? ['qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`] : []), ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ];
    return `Digest ${params.join(', ')}`;
  }
}

/** As a quoted-string: what the far end said goes back escaped, without control characters. */
const quoted = (text: string): string => `"${withoutControls(text).replace(/["\\]/g, '\\$&')}"`;
