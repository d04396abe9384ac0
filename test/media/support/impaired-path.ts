/** What a network does to packets; nothing when empty. */
export interface Impairment {
  /** The same seed gives the same network. */
  readonly seed: number;
  /** Share of packets that are lost at random, 0 to 1. */
  readonly loss?: number;
  /**
   * Loss in bursts, by the model of Gilbert and Elliott: chances to turn bad and good again with
   * each packet, and the share that is lost while it is bad.
   */
  readonly bursts?: { readonly toBad: number; readonly toGood: number; readonly loss: number };
  readonly delayMs?: number;
  /** Up to so much more for each packet, evenly spread. */
  readonly jitterMs?: number;
  /** Whether slow packets hold up those behind them, as queues do; else they are overtaken. */
  readonly keepsOrder?: boolean;
  /** Share of packets that take `reorderByMs` longer than the others. */
  readonly reorder?: number;
  readonly reorderByMs?: number;
  /** Share of packets that come twice, the second time up to 30 ms later. */
  readonly duplicates?: number;
}

const MAX_DUPLICATE_MS = 30;

/** One direction of an impaired network: says when packets arrive. Deterministic by its seed. */
export class ImpairedPath {
  readonly #impairment: Impairment;
  #state: number;
  #isBad = false;
  #lastArrivalMs = -Infinity;
  #sent = 0;
  #lost = 0;

  constructor(impairment: Impairment) {
    this.#impairment = impairment;
    this.#state = impairment.seed >>> 0;
  }

  get sent(): number { return this.#sent; }
  get lost(): number { return this.#lost; }

  /** @returns when a packet that is sent now arrives: never, once or twice. */
  carry(sentAtMs: number): readonly number[] {
    const { delayMs = 0, jitterMs = 0, reorder = 0, reorderByMs = 0, duplicates = 0, keepsOrder = false } = this.#impairment;
    // All dice are thrown for each packet, so that one impairment does not change the others.
    const isLost = this.#isLost(this.#random(), this.#random(), this.#random());
    const [spread, isSlow, isDouble, doubleBy] = [this.#random(), this.#random() < reorder, this.#random() < duplicates, this.#random()];
    this.#sent += 1;
    if (isLost) {
      this.#lost += 1;
      return [];
    }
    let atMs = sentAtMs + delayMs + spread * jitterMs;
    if (keepsOrder) atMs = Math.max(atMs, this.#lastArrivalMs);
    this.#lastArrivalMs = atMs;
    if (isSlow) atMs += reorderByMs;
    return isDouble ? [atMs, atMs + doubleBy * MAX_DUPLICATE_MS] : [atMs];
  }

  #isLost(turn: number, inBurst: number, alone: number): boolean {
    const { bursts, loss = 0 } = this.#impairment;
    if (bursts !== undefined) this.#isBad = this.#isBad ? turn >= bursts.toGood : turn < bursts.toBad;
    return alone < loss || (this.#isBad && inBurst < (bursts?.loss ?? 0));
  }

  /** Mulberry32: 32 bits of state are enough for a test. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }
}
