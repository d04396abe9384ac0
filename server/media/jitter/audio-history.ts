import { MAX_PERIOD } from './pitch.ts';

/** Three of the longest periods and a quarter: 48.75 ms (ITU-T G.711 appendix I §I.2.2). */
export const HISTORY_SAMPLES = MAX_PERIOD * 3 + MAX_PERIOD / 4;

/** What was heard last, the latest sample at the end. */
export class AudioHistory {
  readonly samples = new Int16Array(HISTORY_SAMPLES);

  /** Takes the part of a frame (160 samples at most) that was heard. */
  append(frame: Int16Array, from: number, to: number): void {
    this.samples.copyWithin(0, to - from);
    this.samples.set(frame.subarray(from, to), HISTORY_SAMPLES - (to - from));
  }
}
