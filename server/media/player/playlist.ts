import { FRAME_SAMPLES } from '../codec/frame.ts';

/** Something to play whose samples are at hand (16 bits, 8 kHz). */
export type ReadySource =
  | { readonly kind: 'samples'; readonly samples: Int16Array }
  | { readonly kind: 'silence'; readonly length: number }
  /** Repeats until stopped, from its own beginning. */
  | { readonly kind: 'endless'; readonly samples: Int16Array }
  /** Repeats until stopped, in step with everybody else who hears it. */
  | { readonly kind: 'in-step'; readonly samples: Int16Array };

/** Plays sources one after the other without a seam, in frames. */
export class Playlist {
  readonly #sources: readonly ReadySource[];
  readonly #loop: boolean;
  #index = 0;
  #position = 0;

  constructor(sources: readonly ReadySource[], loop: boolean) {
    this.#sources = sources;
    // A loop of nothing would never end a frame.
    this.#loop = loop && sources.some((source) => source.kind === 'silence' ? source.length > 0 : source.samples.length > 0);
  }

  /**
   * Fills the next 20 ms.
   * @param into - 160 samples; silence after the end.
   * @param tick - number of the frame on the common clock, for what is played in step.
   * @returns true when there is nothing left to play after this frame.
   */
  render(into: Int16Array, tick: number): boolean {
    let at = 0;
    while (at < FRAME_SAMPLES) {
      const source = this.#sources[this.#index];
      if (source === undefined) {
        if (!this.#loop) break;
        this.#index = 0;
        continue;
      }
      at = this.#fill(source, into, at, tick);
    }
    if (at < FRAME_SAMPLES) into.fill(0, at);
    return !this.#loop && !this.#hasMore();
  }

  #fill(source: ReadySource, into: Int16Array, at: number, tick: number): number {
    if (source.kind === 'silence') {
      const length = Math.min(FRAME_SAMPLES - at, source.length - this.#position);
      into.fill(0, at, at + length);
      return this.#advance(at, length, source.length);
    }
    const { samples } = source;
    if (samples.length === 0) {
      this.#index += 1;
      return at;
    }
    if (source.kind === 'in-step') this.#position = (tick * FRAME_SAMPLES + at) % samples.length;
    const length = Math.min(FRAME_SAMPLES - at, samples.length - this.#position);
    into.set(samples.subarray(this.#position, this.#position + length), at);
    if (source.kind === 'samples') return this.#advance(at, length, samples.length);
    this.#position = (this.#position + length) % samples.length;
    return at + length;
  }

  #advance(at: number, length: number, total: number): number {
    this.#position += length;
    if (this.#position >= total) {
      this.#index += 1;
      this.#position = 0;
    }
    return at + length;
  }

  #hasMore(): boolean {
    return this.#sources.slice(this.#index).some((source) => source.kind === 'silence' ? source.length > this.#position : source.samples.length > 0);
  }
}
