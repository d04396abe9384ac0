import { randomBytes } from 'node:crypto';
import { readChallenge, type DigestChallenge } from './challenge.ts';
import { digestResponse, plainDigestResponse } from './response.ts';

/** Who we are at a carrier or a PBX. */
export interface Account {
  readonly username: string;
  readonly password: string;
}

/** What a 401 or 407 came to. */
export type ChallengeTaken =
  /** Send the request again, with what `authorize` gives. */
  | 'answerable'
  /** The answer to the last challenge was wrong. */
  | 'refused'
  /** An algorithm or scheme that we do not know. */
  | 'unsupported';

/**
 * The client's side of digest for one account: keeps the last challenge, so that most requests are right at once.
 * @remarks RFC 3261 §22.2 and §22.3, RFC 7616 §3.4 with the nonce count of §3.4, RFC 8760. drachtio-srf's own client
 *   knows MD5 only and answers one challenge for each request, so it is not used.
 */
export class DigestAccount {
  readonly #account: Account;
  #challenge: DigestChallenge | undefined;
  #header: 'Authorization' | 'Proxy-Authorization' = 'Authorization';
  #nonceCount = 0;

  constructor(account: Account) {
    this.#account = account;
  }

  /**
   * Takes the challenge of a response.
   * @param answered - whether a challenge was answered in this exchange already; one kept from before does not count,
   *   as a far end that started anew does not know it and does not call it stale.
   */
  take(response: { readonly status: number; get(name: string): string | undefined }, answered: boolean): ChallengeTaken {
    const isProxy = response.status === 407;
    const challenge = readChallenge(response.get(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'));
    if (challenge === undefined) return 'unsupported';
    const isNew = challenge.nonce !== this.#challenge?.nonce;
    this.#challenge = challenge;
    this.#header = isProxy ? 'Proxy-Authorization' : 'Authorization';
    if (isNew) this.#nonceCount = 0;
    return answered && !challenge.isStale ? 'refused' : 'answerable';
  }

  /** Forgets the challenge: the next request asks for a new one. */
  reset(): void {
    this.#challenge = undefined;
  }

  /** The header that proves who we are; nothing before the first challenge. */
  authorize(method: string, uri: string): Readonly<Record<string, string>> {
    const challenge = this.#challenge;
    if (challenge === undefined) return {};
    this.#nonceCount += 1;
    const { realm, nonce, opaque, algorithm, hasQop } = challenge;
    const { username, password } = this.#account;
    const nc = this.#nonceCount.toString(16).padStart(8, '0');
    const cnonce = randomBytes(8).toString('hex');
    const input = { algorithm, username, realm, password, method, uri, nonce };
    const response = hasQop ? digestResponse({ ...input, nc, cnonce }) : plainDigestResponse(input);
    const params = [
      `username=${quoted(username)}`, `realm=${quoted(realm)}`, `nonce=${quoted(nonce)}`, `uri=${quoted(uri)}`, `response="${response}"`, `algorithm=${algorithm}`,
      ...(hasQop ? ['qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`] : []), ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ];
    return { [this.#header]: `Digest ${params.join(', ')}` };
  }
}

/** As a quoted-string: what the far end said goes back escaped, without control characters. */
const quoted = (text: string): string => `"${text.replace(/[\u0000-\u001f\u007f]/g, '').replace(/["\\]/g, '\\$&')}"`;
