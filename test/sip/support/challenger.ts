import { groupByScheme } from '../../../server/sip/digest/auth-params.ts';
import { digestResponse, type DigestAlgorithm } from '../../../server/sip/digest/response.ts';
import type { WireMessage } from './ws-phone.ts';

/** What a {@link Challenger} asks for. */
export interface ChallengerOptions {
  readonly realm?: string;
  /** One challenge for each, in this order. */
  readonly algorithms?: readonly DigestAlgorithm[];
  /** Several challenges in one header row, as some servers send them. */
  readonly isJoined?: boolean;
  readonly status?: 401 | 407;
  readonly password?: string;
}

/** A far end that wants a proof with each request: account `acme`, one nonce until it is changed, each count once. */
export class Challenger {
  readonly #options: Required<ChallengerOptions>;
  nonce = 'n1';
  /** Whether the next challenge says that the nonce is stale. */
  isStale = false;
  /** What the accepted proofs were made with: method, algorithm, nonce and count. */
  readonly accepted: string[] = [];
  #highest = 0;
  #countedNonce = '';

  constructor(options: ChallengerOptions = {}) {
    this.#options = { realm: 'carrier', algorithms: ['MD5'], isJoined: false, status: 407, password: 'acme-password', ...options };
  }

  /** @returns the challenge for a request that proves nothing; nothing for one that does. */
  check(request: WireMessage): { readonly status: number; readonly headers: readonly string[] } | undefined {
    const { status, realm, algorithms, isJoined } = this.#options;
    const header = status === 407 ? 'proxy-authorization' : 'authorization';
    if (request.all(header).flatMap(groupByScheme).some((proof) => this.#isGood(proof, request))) return undefined;
    const name = status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate';
    const challenges = algorithms.map((algorithm) => `Digest realm="${realm}", nonce="${this.nonce}", algorithm=${algorithm}, qop="auth", opaque="o"${this.isStale ? ', stale=true' : ''}`);
    return { status, headers: isJoined ? [`${name}: ${challenges.join(', ')}`] : challenges.map((challenge) => `${name}: ${challenge}`) };
  }

  #isGood(proof: ReadonlyMap<string, string>, { method, start }: WireMessage): boolean {
    const text = (name: string): string => proof.get(name) ?? '';
    const algorithm = this.#options.algorithms.find((one) => one === text('algorithm'));
    const uri = start.split(' ')[1] ?? '';
    if (algorithm === undefined || text('realm') !== this.#options.realm || text('nonce') !== this.nonce || text('uri') !== uri || text('opaque') !== 'o') return false;
    const input = { algorithm, username: 'acme', realm: this.#options.realm, password: this.#options.password, method, uri, nonce: this.nonce, nc: text('nc'), cnonce: text('cnonce') };
    if (text('response') !== digestResponse(input)) return false;
    if (this.#countedNonce !== this.nonce) [this.#highest, this.#countedNonce] = [0, this.nonce];
    const count = Number.parseInt(text('nc'), 16);
    if (count <= this.#highest) return false;
    this.#highest = count;
    this.accepted.push(`${method} ${algorithm} ${this.nonce} ${count}`);
    return true;
  }
}
