import { FRAME_SAMPLES } from '../codec/frame.ts';
import type { DelayControl } from './delay-control.ts';
import { FrameStretch } from './frame-stretch.ts';
import type { LossConcealment } from './loss-concealment.ts';
import type { SampleRing } from './sample-ring.ts';
import type { TimeLine } from './time-line.ts';

/** What frames are made of. */
export interface PlayoutParts {
  readonly ring: SampleRing;
  readonly line: TimeLine;
  readonly control: DelayControl;
  readonly concealment: LossConcealment;
}

/** Makes frames of what is stored, conceals what is missing, and moves everybody's turn as the delay control wishes. */
export class Playout {
  readonly #ring: SampleRing;
  readonly #line: TimeLine;
  readonly #control: DelayControl;
  readonly #concealment: LossConcealment;
  readonly #stretch: FrameStretch;

  constructor({ ring, line, control, concealment }: PlayoutParts) {
    this.#ring = ring;
    this.#line = line;
    this.#control = control;
    this.#concealment = concealment;
    this.#stretch = new FrameStretch(ring, concealment);
  }

  /** Periods that were repeated or dropped so far. */
  get stretches(): number { return this.#stretch.count; }

  /** Fills the next 20 ms. @param into - 160 samples. */
  fill(into: Int16Array): void {
    const { isOpen, next } = this.#line;
    if (!isOpen) this.#concealment.missing(into, 0, FRAME_SAMPLES, true);
    else if (this.#ring.runLength(next, FRAME_SAMPLES) < FRAME_SAMPLES) this.#fillInPieces(into, next);
    else if (this.#ring.isStored(next)) this.#fillWhole(into, next);
    else this.#fillNothing(into, next);
  }

  #fillWhole(into: Int16Array, next: number): void {
    const length = this.#stretch.fill(into, next, this.#control.wish);
    this.#control.shift(FRAME_SAMPLES - length);
    this.#line.advance(length);
    this.#line.heard(this.#line.next);
  }

  #fillInPieces(into: Int16Array, next: number): void {
    for (let at = 0; at < FRAME_SAMPLES;) {
      const timestamp = next + at;
      const length = this.#ring.runLength(timestamp, FRAME_SAMPLES - at);
      if (this.#ring.isStored(timestamp)) {
        this.#ring.read(timestamp, into, at, length);
        this.#concealment.heard(into, at, at + length);
        this.#line.heard(timestamp + length);
      } else {
        this.#concealment.missing(into, at, at + length, this.#line.isSilence(timestamp));
      }
      at += length;
    }
    this.#line.advance(FRAME_SAMPLES);
  }

  /** In a gap the delay can grow by waiting, and in silence it can shrink by going on to what comes next. */
  #fillNothing(into: Int16Array, next: number): void {
    const { wish } = this.#control;
    this.#concealment.missing(into, 0, FRAME_SAMPLES, this.#line.isSilence(next));
    const wait = Math.min(FRAME_SAMPLES, Math.max(0, wish));
    this.#control.shift(wait);
    this.#line.advance(FRAME_SAMPLES - wait);
    if (wish >= 0 || this.#concealment.isAudible || this.#ring.isStored(this.#line.next)) return;
    const leap = this.#ring.runLength(this.#line.next, -wish);
    this.#control.shift(-leap);
    this.#line.advance(leap);
  }
}
