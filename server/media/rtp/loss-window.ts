/** Packets behind the newest that may still come: 1.3 s at 20 ms. */
const WINDOW = 64;
const RING = 128;
const MASK = RING - 1;

/** What was lost, and how much together. */
export interface LossFigures {
  /** Packets that did not come, each counted once; duplicates do not make up for them. */
  readonly missing: number;
  /** Runs of packets that did not come. */
  readonly bursts: number;
  /** Packets that came again. */
  readonly duplicates: number;
}

/**
 * Tells lost packets from late and double ones by their sequence numbers: a packet counts as lost
 * for good when 64 later ones have come.
 */
export class LossWindow {
  readonly #hasCome = new Uint8Array(RING).fill(1);
  #newest: number | undefined;
  #settledMissing = 0;
  #bursts = 0;
  #isInBurst = false;
  #duplicates = 0;

  /** The next packet begins another sequence; what is missing of this one stays missing. */
  restart(): void {
    for (let behind = WINDOW - 1; behind >= 0; behind -= 1) this.#settle((this.#newest ?? 0) - behind);
    this.#hasCome.fill(1);
    this.#isInBurst = false;
    this.#newest = undefined;
  }

  /** A packet came. @param sequence - at most some thousands ahead of those before. */
  note(sequence: number): void {
    this.#newest ??= (sequence - 1) & 0xffff;
    const ahead = ((sequence - this.#newest) << 16) >> 16; // As signed 16 bits.
    if (ahead > 0) {
      for (let step = 1; step <= ahead; step += 1) this.#moveTo(this.#newest + step);
      this.#newest = sequence;
    } else if (ahead <= -WINDOW) {
      return;
    } else if (this.#hasCome[sequence & MASK] === 1) {
      this.#duplicates += 1;
    }
    this.#hasCome[sequence & MASK] = 1;
  }

  get figures(): LossFigures {
    let [missing, bursts, isInBurst] = [this.#settledMissing, this.#bursts, this.#isInBurst];
    for (let behind = WINDOW - 1; behind >= 0; behind -= 1) {
      const isMissing = this.#hasCome[((this.#newest ?? 0) - behind) & MASK] === 0;
      if (isMissing) missing += 1;
      if (isMissing && !isInBurst) bursts += 1;
      isInBurst = isMissing;
    }
    return { missing, bursts, duplicates: this.#duplicates };
  }

  #moveTo(sequence: number): void {
    this.#settle(sequence - WINDOW);
    this.#hasCome[sequence & MASK] = 0;
  }

  #settle(sequence: number): void {
    const isMissing = this.#hasCome[sequence & MASK] === 0;
    if (isMissing) this.#settledMissing += 1;
    if (isMissing && !this.#isInBurst) this.#bursts += 1;
    this.#isInBurst = isMissing;
  }
}
