import { randomBytes } from 'node:crypto';
import type { SipCredential, SipCredentials } from '../../access/ports.ts';
import type { Clock } from '../../base/time.ts';
import { parseAddress } from '../headers/sip-uri.ts';
import { parseAuthorization, type DigestCredentials } from './authorization.ts';
import { NonceMint } from './nonce-mint.ts';
import { digestResponse, isSameSecret, type DigestAlgorithm } from './response.ts';

/** What a request proves about its sender. */
export type Authentication =
  | { readonly kind: 'authenticated'; readonly credential: SipCredential }
  /** 401 with this WWW-Authenticate. */
  | { readonly kind: 'challenge'; readonly because: 'absent' | 'stale' | 'wrong'; readonly challenge: string }
  /** 400: the credentials were made for a request to somebody else (RFC 7616 §3.4.6). */
  | { readonly kind: 'misdirected' };

/** A request to be authenticated. */
export interface DigestRequest {
  readonly method: string;
  /** The Request-URI. */
  readonly uri: string;
  /** The Authorization headers, joined by commas. */
  readonly authorization: string | undefined;
  /** What to ask for; what comes may use any algorithm of ours. */
  readonly algorithm: DigestAlgorithm;
}

/** What a {@link DigestAuthenticator} works with. */
export interface DigestAuthenticatorOptions {
  readonly realm: string;
  readonly credentials: Pick<SipCredentials, 'find'>;
  readonly clock: Clock;
}

/**
 * Checks digests for one realm.
 * @remarks RFC 3261 §22, RFC 7616, RFC 8760. A wrong password, an unknown user and an expired credential get the
 *   same answer after the same work. The digest URI (RFC 3261 §22.4) must name the host of the Request-URI or the
 *   realm; equipment disagrees on the rest of it (user, port, parameters), and the nonce count is what stops a replay.
 */
export class DigestAuthenticator {
  readonly #realm: string;
  readonly #credentials: Pick<SipCredentials, 'find'>;
  readonly #clock: Clock;
  readonly #nonces: NonceMint;
  /** Compared against when the user is unknown: nobody can know it. */
  readonly #nobodysPassword = randomBytes(24).toString('base64url');

  constructor(options: DigestAuthenticatorOptions) {
    this.#realm = options.realm;
    this.#credentials = options.credentials;
    this.#clock = options.clock;
    this.#nonces = new NonceMint({ clock: options.clock });
  }

  /** @throws what the credential store throws: the caller answers 500. */
  async authenticate({ method, uri, authorization, algorithm }: DigestRequest): Promise<Authentication> {
    const given = parseAuthorization(authorization, this.#realm);
    if (given === undefined) return this.#challenge('absent', algorithm);
    // Before anything is looked up: the answer says nothing of the user.
    if (!this.#isMadeFor(uri, given.uri)) return { kind: 'misdirected' };
    const nonce = this.#nonces.check(given.nonce);
    const credential = await this.#findLive(given.username);
    const isRight = this.#isRight(given, method, credential) && credential !== undefined;
    if (!isRight || nonce.kind === 'foreign') return this.#challenge('wrong', algorithm);
    // Stale only for somebody who knew the password (RFC 7616 §3.3): the client then asks nobody again.
    if (nonce.kind === 'stale' || !this.#nonces.use(given.nonce, nonce.mintedAt, Number.parseInt(given.nc, 16))) {
      return this.#challenge('stale', algorithm);
    }
    return { kind: 'authenticated', credential };
  }

  #isMadeFor(requestUri: string, digestUri: string): boolean {
    const { host } = parseAddress(digestUri);
    return host !== '' && (host === parseAddress(requestUri).host || host === this.#realm.toLowerCase());
  }

  async #findLive(username: string): Promise<SipCredential | undefined> {
    const credential = await this.#credentials.find(username);
    return credential !== undefined && credential.realm === this.#realm && credential.expiresAt > this.#clock() ? credential : undefined;
  }

  #isRight(given: DigestCredentials, method: string, credential: SipCredential | undefined): boolean {
    const password = credential?.password ?? this.#nobodysPassword;
    const expected = digestResponse({ ...given, method, password });
    return isSameSecret(expected, given.response);
  }

  #challenge(because: 'absent' | 'stale' | 'wrong', algorithm: DigestAlgorithm): Authentication {
    const stale = because === 'stale' ? ', stale=true' : '';
    const challenge = `Digest realm="${this.#realm}", nonce="${this.#nonces.mint()}", algorithm=${algorithm}, qop="auth"${stale}`;
    return { kind: 'challenge', because, challenge };
  }
}
