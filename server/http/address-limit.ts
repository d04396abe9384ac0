import { addressKey } from '../base/address-key.ts';
import { TokenBucket, type TokenBucketOptions } from '../base/token-bucket.ts';
import { tooManyRequests } from './http-error.ts';

/** How many addresses are remembered. */
const MOST_ADDRESSES = 10_000;

/** So many requests of one kind per address, in bounded memory. */
export class AddressLimit {
  readonly #options: TokenBucketOptions;
  /** In order of last use, the oldest first. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: TokenBucketOptions) {
    this.#options = options;
  }

  /** @throws HttpError 429 when the address has had its share. */
  pass(address: string): void {
    const key = addressKey(address);
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#options);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MOST_ADDRESSES) this.#forgetOldest();
    if (!bucket.take()) throw tooManyRequests('too many requests from your address', bucket.waitMs());
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}
