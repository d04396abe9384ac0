import { TokenBucket, type TokenBucketOptions } from '../../base/token-bucket.ts';
import { systemClock } from '../../base/time.ts';
import type { GuardOptions, Rate } from './guard-options.ts';

/** Unspent answer bytes that a source may save up. */
const MOST_CREDIT = 65_536;

/** The options of one bucket; the wall clock is faked in tests. */
export const bucketOf = ({ perSecond, burst }: Rate, factor = 1): TokenBucketOptions =>
  ({ capacity: burst * factor, refillPerSecond: perSecond * factor, clock: systemClock });

/** What is remembered of one source address. */
export class SourceRecord {
  readonly isTrusted: boolean;
  /** Whether it has shown something that only a receiver of our messages can know. */
  isProven = false;
  readonly messages: TokenBucket;
  #requests: TokenBucket;
  #calls: TokenBucket;
  /** Bytes that may still be sent to it while it is unproven. */
  answerCredit: number;
  /** Users that it failed with, and users that were challenged and said no more; made when needed. */
  #failedUsers: Set<string> | undefined;
  #challengedUsers: Set<string> | undefined;
  #failures = 0;
  #windowBegan: number;
  readonly #options: GuardOptions;

  constructor(options: GuardOptions, isTrusted: boolean, now: number) {
    this.#options = options;
    this.isTrusted = isTrusted;
    this.messages = new TokenBucket(bucketOf(options.messages));
    this.#requests = new TokenBucket(bucketOf(options.requests));
    this.#calls = new TokenBucket(bucketOf(options.calls));
    this.answerCredit = options.answerBytes;
    this.#windowBegan = now;
  }

  /** @returns whether one more request may come outside its dialogs; it is counted. */
  takeRequest(): boolean {
    return this.#requests.take();
  }

  /** @returns whether it may make one more call; it is counted. */
  takeCall(): boolean {
    return this.#calls.take();
  }

  received(bytes: number): void {
    this.answerCredit = Math.min(MOST_CREDIT, this.answerCredit + bytes * this.#options.answerFactor);
  }

  /** It is where it says: it gets larger buckets, and its answers are not counted any more. */
  prove(): void {
    if (this.isProven) return;
    this.isProven = true;
    const { provenFactor, requests, calls } = this.#options;
    this.#requests = new TokenBucket(bucketOf(requests, provenFactor));
    this.#calls = new TokenBucket(bucketOf(calls, provenFactor));
  }

  /** The user has been let in or found: it was no failure after all. */
  succeeded(user: string): void {
    this.#challengedUsers?.delete(user);
  }

  /** @returns whether this challenge is one too many. */
  challenged(user: string, now: number): boolean {
    this.#enterWindow(now);
    this.#challengedUsers ??= new Set();
    this.#challengedUsers.add(user);
    return this.#challengedUsers.size >= this.#options.unansweredChallenges;
  }

  /**
   * @param withCredentials - whether a password was wrong, and not only a user unknown.
   * @returns whether this failure is one too many.
   */
  failed(user: string, withCredentials: boolean, now: number): boolean {
    this.#enterWindow(now);
    this.#challengedUsers?.delete(user);
    this.#failedUsers ??= new Set();
    this.#failedUsers.add(user);
    if (withCredentials) this.#failures += 1;
    return this.#failures >= this.#options.failedAuthentications || this.#failedUsers.size >= this.#options.failedUsers;
  }

  #enterWindow(now: number): void {
    if (now - this.#windowBegan < this.#options.windowMs) return;
    this.#windowBegan = now;
    this.#failures = 0;
    this.#failedUsers = undefined;
    this.#challengedUsers = undefined;
  }
}
