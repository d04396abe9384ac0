/** One second; a power of two so that places are found by a mask. */
const RING_SAMPLES = 8_192;
const MASK = RING_SAMPLES - 1;

/** How far behind its position the ring remembers what was taken: 256 ms. */
export const PAST_SAMPLES = 2_048;
/** How far ahead of its position it can store: 768 ms. */
export const FUTURE_SAMPLES = RING_SAMPLES - PAST_SAMPLES;

const EMPTY = 0;
const STORED = 1;
const TAKEN = 2;

/**
 * Samples at their RTP timestamps around a position that moves on. Each can be taken once, and
 * what was taken is remembered for a while, so that a duplicate is told from a late packet.
 */
export class SampleRing {
  readonly #samples = new Int16Array(RING_SAMPLES);
  readonly #states = new Uint8Array(RING_SAMPLES);

  /** Forgets everything. */
  clear(): void {
    this.#states.fill(EMPTY);
  }

  /** @param timestamp - of the first sample; all must lie between the past and the future of the position. */
  store(timestamp: number, samples: Int16Array): void {
    const start = timestamp & MASK;
    const first = Math.min(samples.length, RING_SAMPLES - start);
    this.#samples.set(samples.subarray(0, first), start);
    this.#states.fill(STORED, start, start + first);
    if (first === samples.length) return;
    this.#samples.set(samples.subarray(first), 0);
    this.#states.fill(STORED, 0, samples.length - first);
  }

  isStored(timestamp: number): boolean { return this.#states[timestamp & MASK] === STORED; }

  wasTaken(timestamp: number): boolean { return this.#states[timestamp & MASK] === TAKEN; }

  /** How many samples from here on are all stored, or all not: at most `limit`. */
  runLength(timestamp: number, limit: number): number {
    const isStored = this.isStored(timestamp);
    let length = 1;
    while (length < limit && this.isStored(timestamp + length) === isStored) length += 1;
    return Math.min(length, limit);
  }

  hasAll(timestamp: number, length: number): boolean {
    return this.isStored(timestamp) && this.runLength(timestamp, length) === length;
  }

  /** Copies samples that are stored, without taking them. @param at - where in `into` they begin. */
  read(timestamp: number, into: Int16Array, at: number, length: number): void {
    for (let i = 0; i < length; i += 1) into[at + i] = this.#samples[(timestamp + i) & MASK] as number; // Masked: within the ring.
  }

  /** The position moves on by `length`: what is stored there is taken, and as much room opens ahead. */
  pass(timestamp: number, length: number): void {
    for (let i = 0; i < length; i += 1) {
      const place = (timestamp + i) & MASK;
      if (this.#states[place] === STORED) this.#states[place] = TAKEN;
      this.#states[(timestamp + i + FUTURE_SAMPLES) & MASK] = EMPTY;
    }
  }
}
