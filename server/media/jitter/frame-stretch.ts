import { FRAME_SAMPLES } from '../codec/frame.ts';
import type { LossConcealment } from './loss-concealment.ts';
import { findPeriod, MAX_PERIOD, SEARCHED_SAMPLES } from './pitch.ts';
import type { Repetition } from './pitch.ts';
import type { SampleRing } from './sample-ring.ts';
import { dropPeriod, repeatPeriod } from './time-stretch.ts';

/** Frames between two changes: fast when voice must wait longer, slow when it may wait less. */
const FRAMES_TO_GROW = 4;
const FRAMES_TO_SHRINK = 25;
/** In pauses of the talk nobody hears it. */
const FRAMES_IN_QUIET = 3;
const QUIET_PEAK = 200;
/** Periods that are less alike than this are left alone, but not for ever. */
const MIN_LIKENESS = 0.5;
const FRAMES_OF_PATIENCE = 25;

/**
 * Fills whole frames, and makes the voice longer or shorter by one of its periods when its delay
 * must change: waveform-similarity overlap, as slow or fast as ears forgive.
 */
export class FrameStretch {
  readonly #ring: SampleRing;
  readonly #concealment: LossConcealment;
  readonly #longer = new Int16Array(FRAME_SAMPLES + MAX_PERIOD);
  #frames = 0;
  #count = 0;

  constructor(ring: SampleRing, concealment: LossConcealment) {
    this.#ring = ring;
    this.#concealment = concealment;
  }

  /** Changes so far. */
  get count(): number { return this.#count; }

  /**
   * Fills a frame of which all voice is there.
   * @param into - 160 samples.
   * @param wish - by how much the voice should become longer (positive) or shorter.
   * @returns how many samples of the ring are used up by it.
   */
  fill(into: Int16Array, timestamp: number, wish: number): number {
    this.#frames += 1;
    this.#ring.read(timestamp, into, 0, FRAME_SAMPLES);
    const change = wish === 0 || !this.#concealment.isFlowing ? 0 : this.#change(into, timestamp, wish > 0);
    this.#concealment.heard(into, 0, FRAME_SAMPLES);
    if (change === 0) return FRAME_SAMPLES;
    this.#frames = 0;
    this.#count += 1;
    return FRAME_SAMPLES - change;
  }

  /** @returns by how many samples the voice became longer; 0 when this is not the moment. */
  #change(into: Int16Array, timestamp: number, isLonger: boolean): number {
    const isQuiet = into.every((sample) => Math.abs(sample) < QUIET_PEAK);
    const pause = isQuiet ? FRAMES_IN_QUIET : isLonger ? FRAMES_TO_GROW : FRAMES_TO_SHRINK;
    if (this.#frames < pause) return 0;
    const isGood = ({ likeness }: Repetition): boolean => isQuiet || likeness >= MIN_LIKENESS || this.#frames >= pause + FRAMES_OF_PATIENCE;
    return isLonger ? this.#repeat(into, isGood) : -this.#drop(into, timestamp, isGood);
  }

  #repeat(into: Int16Array, isGood: (found: Repetition) => boolean): number {
    const { samples } = this.#concealment.history;
    const found = findPeriod(samples, samples.length);
    if (!isGood(found)) return 0;
    repeatPeriod(into, samples, found.period);
    return found.period;
  }

  #drop(into: Int16Array, timestamp: number, isGood: (found: Repetition) => boolean): number {
    if (!this.#ring.hasAll(timestamp, this.#longer.length)) return 0;
    this.#ring.read(timestamp, this.#longer, 0, this.#longer.length);
    const found = findPeriod(this.#longer, SEARCHED_SAMPLES);
    if (!isGood(found)) return 0;
    dropPeriod(this.#longer, into, found.period);
    return found.period;
  }
}
