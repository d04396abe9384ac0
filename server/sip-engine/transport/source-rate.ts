import { addressKey } from '../../base/address-key.ts';

/** Sources that are told apart within one second; beyond it new ones are refused until the next. */
const MAX_SOURCES = 10_000;

/** Lets each source address have so many things per second; bounded, and without a timer. */
export class SourceRate {
  readonly #perSecond: number;
  readonly #counts = new Map<string, number>();
  #second = -1;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** @returns whether one more from this address may pass now; it is counted. */
  take(address: string): boolean {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    const key = addressKey(address);
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#perSecond || (count === 0 && this.#counts.size >= MAX_SOURCES)) return false;
    this.#counts.set(key, count + 1);
    return true;
  }
}
