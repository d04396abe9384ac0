import { FRAME_SAMPLES } from '../codec/frame.ts';
import { addWithRamp, clipSum, type GainCell } from '../matrix/mix.ts';
import type { RecordedLeg } from './recorded-leg.ts';

/**
 * The mix of everybody whom one leg hears: what the staff say to the customer. It follows the
 * matrix, so that somebody who barges in is in it, and a whisper, a consultation or a
 * conversation on hold is not; with ramps of its own, because the leg may be forwarded packets.
 */
export class HeardVoices {
  readonly #leg: RecordedLeg;
  readonly #cells = new Map<RecordedLeg, GainCell>();
  readonly #sum = new Int32Array(FRAME_SAMPLES);
  readonly #mixed = new Int16Array(FRAME_SAMPLES);

  constructor(leg: RecordedLeg) {
    this.#leg = leg;
  }

  /** The mix of this tick: 160 samples, good until the next. */
  mix(): Int16Array {
    this.#sum.fill(0);
    for (const [speaker, { target }] of this.#leg.heard) {
      const cell = this.#cells.get(speaker) ?? this.#begin(speaker);
      cell.target = target;
      addWithRamp(this.#sum, speaker.voice, cell);
    }
    this.#forgetWhoLeft();
    clipSum(this.#sum, this.#mixed);
    return this.#mixed;
  }

  #begin(speaker: RecordedLeg): GainCell {
    const cell: GainCell = { gain: 0, target: 0 };
    this.#cells.set(speaker, cell);
    return cell;
  }

  #forgetWhoLeft(): void {
    if (this.#cells.size === this.#leg.heard.size) return;
    for (const speaker of this.#cells.keys()) if (!this.#leg.heard.has(speaker)) this.#cells.delete(speaker);
  }
}
