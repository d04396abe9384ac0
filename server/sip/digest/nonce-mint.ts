import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { epochMs, type Clock, type EpochMs, type Milliseconds } from '../../base/time.ts';

/** What is known of a nonce that a client sent. */
export type NonceCheck =
  | { readonly kind: 'fresh'; readonly mintedAt: EpochMs }
  /** Ours, but too old: the client may try again with a new one, without asking for the password. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'foreign' };

/** How nonces are made; all have defaults but the clock. */
export interface NonceMintOptions {
  readonly clock: Clock;
  /** How long a nonce is good, milliseconds; default five minutes. */
  readonly lifetimeMs?: Milliseconds;
  /** Most nonces whose counts are remembered; default 10,000. */
  readonly maxTracked?: number;
}

const STAMP_BYTES = 8;
const SALT_BYTES = 8;
const TAG_BYTES = 16;

/**
 * Makes nonces that need no memory until they are used well, and counts their uses.
 * @remarks RFC 7616 §5.4 (nonce: time stamp and a keyed hash of it), §5.12 (nonce count against replay). The key
 *   lives as long as the process: after a restart every client is challenged anew. Counts are kept only for
 *   nonces that authenticated somebody, so that strangers cannot fill the memory.
 */
export class NonceMint {
  readonly #key = randomBytes(32);
  readonly #clock: Clock;
  readonly #lifetimeMs: Milliseconds;
  readonly #maxTracked: number;
  /** In order of first use; nonces of one lifetime expire about in that order. */
  readonly #uses = new Map<string, { readonly mintedAt: EpochMs; highest: number }>();
  /** Nonces minted up to here are stale, because their counts were forgotten. */
  #forgottenUpTo = epochMs(0);

  constructor(options: NonceMintOptions) {
    this.#clock = options.clock;
    this.#lifetimeMs = options.lifetimeMs ?? 5 * 60_000;
    this.#maxTracked = options.maxTracked ?? 10_000;
  }

  /** A new nonce: time, salt and their keyed hash, base64url. */
  mint(): string {
    const body = Buffer.alloc(STAMP_BYTES + SALT_BYTES);
    body.writeBigUInt64BE(BigInt(this.#clock()));
    randomBytes(SALT_BYTES).copy(body, STAMP_BYTES);
    return Buffer.concat([body, this.#tag(body)]).toString('base64url');
  }

  /** Whether a nonce is ours and still good. */
  check(nonce: string): NonceCheck {
    const bytes = Buffer.from(nonce, 'base64url');
    if (bytes.length !== STAMP_BYTES + SALT_BYTES + TAG_BYTES || bytes.toString('base64url') !== nonce) return { kind: 'foreign' };
    const body = bytes.subarray(0, STAMP_BYTES + SALT_BYTES);
    if (!timingSafeEqual(this.#tag(body), bytes.subarray(STAMP_BYTES + SALT_BYTES))) return { kind: 'foreign' };
    const mintedAt = epochMs(Number(body.readBigUInt64BE()));
    const isGood = mintedAt + this.#lifetimeMs > this.#clock() && mintedAt > this.#forgottenUpTo;
    return isGood ? { kind: 'fresh', mintedAt } : { kind: 'stale' };
  }

  /**
   * Counts one use of a nonce that authenticated somebody.
   * @param nc - the nonce count that came with it: each use must be higher than those before.
   * @returns `false` for a replay.
   */
  use(nonce: string, mintedAt: EpochMs, nc: number): boolean {
    const known = this.#uses.get(nonce);
    if (known) {
      if (nc <= known.highest) return false;
      known.highest = nc;
      return true;
    }
    if (nc < 1) return false;
    this.#makeRoom();
    this.#uses.set(nonce, { mintedAt, highest: nc });
    return true;
  }

  #makeRoom(): void {
    const expiredBefore = this.#clock() - this.#lifetimeMs;
    for (const [nonce, { mintedAt }] of this.#uses) {
      if (mintedAt > expiredBefore && this.#uses.size < this.#maxTracked) return;
      this.#uses.delete(nonce);
      if (mintedAt > expiredBefore && mintedAt > this.#forgottenUpTo) this.#forgottenUpTo = mintedAt;
    }
  }

  #tag(body: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(body).digest().subarray(0, TAG_BYTES);
  }
}
