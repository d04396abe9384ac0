import type { Digit } from '../../model/digit.ts';
import { BLOCK_SAMPLES, ToneWindow } from './tone-window.ts';

/** Blocks without the key's tones after which it is over: a pause of 40 ms has four, a dropout of 10 ms two (ITU-T Q.24). */
const BLOCKS_TO_END = 3;
/** After so much lost audio a key cannot be said to go on: 160 ms. */
const MAX_MISSING_SAMPLES = 1_280;

/**
 * Finds keys in a voice, each once, however long it sounds.
 * @remarks ITU-T Q.24; for telephones and gateways without telephone-event.
 */
export class ToneReceiver {
  readonly #window = new ToneWindow();
  readonly #block = new Int16Array(BLOCK_SAMPLES);
  #length = 0;
  #key: Digit | undefined;
  #quietBlocks = 0;

  /** Takes the next samples, of any length. @returns keys that began, usually none. */
  hear(samples: Int16Array): readonly Digit[] {
    const keys: Digit[] = [];
    for (let at = 0; at < samples.length;) {
      const length = Math.min(samples.length - at, BLOCK_SAMPLES - this.#length);
      this.#block.set(samples.subarray(at, at + length), this.#length);
      this.#length += length;
      at += length;
      if (this.#length < BLOCK_SAMPLES) break;
      this.#length = 0;
      const key = this.#takeBlock();
      if (key !== undefined) keys.push(key);
    }
    return keys;
  }

  /** So many samples were lost. */
  miss(samples: number): void {
    this.#length = 0;
    this.#window.reset();
    if (samples > MAX_MISSING_SAMPLES) this.#key = undefined;
  }

  #takeBlock(): Digit | undefined {
    this.#window.push(this.#block);
    const key = this.#window.key();
    if (key !== undefined && key !== this.#key) {
      this.#key = key;
      this.#quietBlocks = 0;
      return key;
    }
    if (this.#key === undefined) return undefined;
    this.#quietBlocks = this.#window.goesOn(this.#key) ? 0 : this.#quietBlocks + 1;
    if (this.#quietBlocks >= BLOCKS_TO_END) this.#key = undefined;
    return undefined;
  }
}
