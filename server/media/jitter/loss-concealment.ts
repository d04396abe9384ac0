import { clip16, SAMPLES_PER_MS } from '../codec/frame.ts';
import { AudioHistory, HISTORY_SAMPLES } from './audio-history.ts';
import { findPeriod, MIN_PERIOD } from './pitch.ts';

/** The first 10 ms of a gap are filled at full level, with one period; then with two, then three. */
const STAGE = 10 * SAMPLES_PER_MS;
const MAX_STAGES = 3;
/** From there on the level falls by a fifth each 10 ms. */
const SILENT_AFTER = 60 * SAMPLES_PER_MS;
/** The join after a gap is the longer the longer the gap was: by 4 ms for each 10 ms, 10 ms at most. */
const JOIN_STEP = 4 * SAMPLES_PER_MS;
const MAX_JOIN = 10 * SAMPLES_PER_MS;
/** Voice after silence rises, and voice before silence that is meant falls, within 5 ms. */
const FADE = 5 * SAMPLES_PER_MS;

/**
 * Fills gaps in decoded voice with what went before, and joins what comes after.
 * @remarks ITU-T G.711 appendix I: the last pitch periods are repeated, at seams overlapped by a
 *   quarter of a period, and fall silent within 60 ms. It differs in one point: the appendix holds
 *   all voice back by 3.75 ms so that it can overlap the seam at which a gap begins. Here the
 *   repetition is bent there instead, so that it begins where the voice ended, and nothing waits.
 */
export class LossConcealment {
  /** What was heard last, real or made. */
  readonly history = new AudioHistory();
  /** The voice before the gap. */
  readonly #pattern = new Int16Array(HISTORY_SAMPLES);
  #isOpen = true;
  #made = SILENT_AFTER;
  #period = MIN_PERIOD;
  #bend = 0;
  #fade = 0;
  /** Samples of the join after the last gap, and how many of them were heard. */
  #joinLength = 0;
  #joined = 0;
  #concealed = 0;

  /** Whether what is heard now is the voice itself. */
  get isFlowing(): boolean { return !this.#isOpen && this.#joined === this.#joinLength; }
  /** Whether there is anything to hear: the voice, or what stands for it. */
  get isAudible(): boolean { return !this.#isOpen || this.#isMaking; }
  /** Samples that stood for lost ones so far. */
  get concealed(): number { return this.#concealed; }

  /** Voice is heard: a part of a frame, which is joined to what was made before it. */
  heard(frame: Int16Array, from: number, to: number): void {
    if (this.#isOpen) this.#beginJoin();
    this.#isOpen = false;
    for (let i = from; i < to && this.#joined < this.#joinLength; i += 1) {
      this.#joined += 1;
      const share = this.#joined / (this.#joinLength + 1);
      frame[i] = clip16(Math.round((frame[i] ?? 0) * share + this.#make() * (1 - share)));
    }
    this.history.append(frame, from, to);
  }

  /**
   * Fills a part of a frame for which there is no voice.
   * @param isMeant - whether the sender fell silent on purpose.
   */
  missing(frame: Int16Array, from: number, to: number, isMeant: boolean): void {
    this.cut();
    for (let i = from; i < to; i += 1) {
      if (this.isAudible && !isMeant) this.#concealed += 1;
      if (isMeant) this.#fade = Math.max(0, this.#fade - 1 / FADE);
      frame[i] = clip16(Math.round(this.#make()));
    }
    this.history.append(frame, from, to);
  }

  /** Nothing was heard yet. */
  forget(): void {
    this.#isOpen = true;
    this.#made = SILENT_AFTER;
    this.history.samples.fill(0);
  }

  /** The voice breaks off here: what is heard next is joined as after a gap. */
  cut(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#made = 0;
    this.#fade = 1;
    this.#pattern.set(this.history.samples);
    this.#period = findPeriod(this.#pattern, HISTORY_SAMPLES).period;
    this.#bend = this.#before(1) - this.#before(this.#period + 1);
  }

  #beginJoin(): void {
    const stages = Math.floor(this.#made / STAGE);
    this.#joinLength = this.#isMaking ? Math.min(MAX_JOIN, this.#quarter + JOIN_STEP * Math.max(0, stages - 1)) : FADE;
    this.#joined = 0;
  }

  /** Whether what is made for the gap has not fallen silent yet. */
  get #isMaking(): boolean { return this.#made < SILENT_AFTER && this.#fade > 0; }

  get #quarter(): number { return this.#period >> 2; }

  /** The sample so many places before the gap; the last one is 1. */
  #before(places: number): number { return this.#pattern[HISTORY_SAMPLES - places] ?? 0; }

  /** Makes the next sample of the gap. */
  #make(): number {
    if (!this.#isMaking) return 0;
    const at = this.#made;
    this.#made += 1;
    const stage = Math.min(MAX_STAGES, Math.floor(at / STAGE) + 1);
    let sample = this.#repeat(stage, at);
    const inStage = at - (stage - 1) * STAGE;
    if (stage > 1 && inStage < this.#quarter) {
      const share = (inStage + 1) / (this.#quarter + 1);
      sample = sample * share + this.#repeat(stage - 1, at) * (1 - share);
    }
    if (at < this.#quarter) sample += this.#bend * (1 - (at + 1) / (this.#quarter + 1));
    const level = at < STAGE ? 1 : 1 - (at - STAGE) / (SILENT_AFTER - STAGE);
    return sample * level * this.#fade;
  }

  /** Goes round the last `periods` periods, the end of a round overlapped with what precedes its beginning. */
  #repeat(periods: number, at: number): number {
    const length = periods * this.#period;
    const left = length - (at % length);
    const sample = this.#before(left);
    if (left > this.#quarter) return sample;
    const share = (this.#quarter + 1 - left) / (this.#quarter + 1);
    return sample * (1 - share) + this.#before(length + left) * share;
  }
}
