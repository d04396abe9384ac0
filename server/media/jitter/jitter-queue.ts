import { FRAME_SAMPLES, SAMPLES_PER_MS } from '../codec/frame.ts';

/** One second; a power of two so that places are found by a mask. */
const RING_SAMPLES = 8_192;
const MASK = RING_SAMPLES - 1;
const MIN_DELAY = 20 * SAMPLES_PER_MS;
const START_DELAY = 40 * SAMPLES_PER_MS;
const MAX_DELAY = 120 * SAMPLES_PER_MS;
/** More audio than this waiting means that the sender's clock or the network got ahead: it is cut. */
const MAX_WAITING = 240 * SAMPLES_PER_MS;
/** Packets too late in a row after which the time line is taken as new. */
const LATE_RUN_TO_RESTART = 5;
/** Frames without trouble after which one frame of delay is given back: 20 s. */
const CALM_FRAMES = 1_000;

/** Audio after a gap fades in over 5 ms. */
const FADE_SAMPLES = 5 * SAMPLES_PER_MS;

/** What a queue lived through, for the quality of a leg. */
export interface JitterFigures {
  readonly delayMs: number;
  readonly late: number;
  readonly concealed: number;
  readonly cut: number;
}

/**
 * Puts decoded audio that arrives in any order and rhythm into an even stream of 20 ms frames.
 * Bounded: one second of audio at most.
 * @remarks The delay grows when packets come late and shrinks after a calm time. A missing frame
 *   is concealed once by the one before played backwards and fading out, which begins where that
 *   one ended: no step, no click. Audio after a gap fades in.
 */
export class JitterQueue {
  readonly #ring = new Int16Array(RING_SAMPLES);
  readonly #filled = new Uint8Array(RING_SAMPLES);
  readonly #previous = new Int16Array(FRAME_SAMPLES);
  #previousIsAudio = false;
  /** Whether what was handed out last was audio as it came. */
  #isFlowing = false;
  /** Timestamp of the next sample to hand out; undefined until the first packet. */
  #next: number | undefined;
  /** Timestamp after the last sample that came. */
  #end = 0;
  #delay = START_DELAY;
  #lateRun = 0;
  #calm = 0;
  #late = 0;
  #concealed = 0;
  #cut = 0;

  /** Forgets all audio. */
  restart(): void {
    this.#next = undefined;
    this.#isFlowing = false;
    this.#previousIsAudio = false;
    this.#filled.fill(0);
  }

  /**
   * Takes the samples of one packet.
   * @param timestamp - RTP timestamp of the first sample.
   */
  push(timestamp: number, samples: Int16Array): void {
    if (samples.length === 0 || samples.length > RING_SAMPLES / 2) return;
    if (this.#next === undefined) this.#begin(timestamp);
    const next = this.#next ?? timestamp;
    const ahead = (timestamp - next) | 0;
    if (ahead + samples.length > RING_SAMPLES || ahead < -RING_SAMPLES) {
      this.#cut += 1;
      this.#filled.fill(0);
      this.#begin(timestamp);
    } else if (ahead < 0) {
      this.#takeLate(timestamp, samples, ahead);
      return;
    }
    this.#lateRun = 0;
    this.#store(timestamp, samples);
    const waiting = (this.#end - (this.#next ?? 0)) | 0;
    if (waiting > Math.max(MAX_WAITING, this.#delay * 2)) {
      this.#skipTo((this.#end - this.#delay) | 0);
      this.#cut += 1;
    }
  }

  /**
   * Hands out the next 20 ms.
   * @param into - 160 samples; silence where there is nothing.
   * @returns whether it holds audio of the peer (or its concealment).
   */
  pop(into: Int16Array): boolean {
    if (this.#next === undefined) return this.#conceal(into);
    const start = this.#next;
    this.#next = (start + FRAME_SAMPLES) | 0;
    const isWhole = this.#isFilled(start) && this.#isFilled((start + FRAME_SAMPLES - 1) | 0);
    if (!isWhole && !this.#isFilled(start)) {
      this.#clear(start, FRAME_SAMPLES);
      return this.#conceal(into);
    }
    for (let i = 0; i < FRAME_SAMPLES; i += 1) into[i] = this.#ring[(start + i) & MASK] ?? 0;
    this.#clear(start, FRAME_SAMPLES);
    if (!this.#isFlowing) fadeIn(into);
    this.#isFlowing = true;
    this.#previous.set(into);
    this.#previousIsAudio = true;
    this.#relax();
    return true;
  }

  figures(): JitterFigures {
    return { delayMs: this.#delay / SAMPLES_PER_MS, late: this.#late, concealed: this.#concealed, cut: this.#cut };
  }

  #begin(timestamp: number): void {
    this.#next = (timestamp - this.#delay) | 0;
    this.#end = timestamp | 0;
  }

  #takeLate(timestamp: number, samples: Int16Array, ahead: number): void {
    this.#late += 1;
    this.#lateRun += 1;
    this.#calm = 0;
    if (this.#lateRun >= LATE_RUN_TO_RESTART) {
      this.#filled.fill(0);
      this.#begin(timestamp);
      this.#store(timestamp, samples);
      this.#lateRun = 0;
    } else if (this.#delay < MAX_DELAY && ahead > -MAX_DELAY) {
      // Wait one frame longer from now on; what was just concealed is heard 20 ms later.
      this.#delay += FRAME_SAMPLES;
      this.#next = ((this.#next ?? timestamp) - FRAME_SAMPLES) | 0;
      if (ahead + FRAME_SAMPLES >= 0) this.#store(timestamp, samples);
    }
  }

  #store(timestamp: number, samples: Int16Array): void {
    const start = timestamp & MASK;
    const first = Math.min(samples.length, RING_SAMPLES - start);
    this.#ring.set(samples.subarray(0, first), start);
    this.#filled.fill(1, start, start + first);
    if (first < samples.length) {
      this.#ring.set(samples.subarray(first), 0);
      this.#filled.fill(1, 0, samples.length - first);
    }
    const end = (timestamp + samples.length) | 0;
    if (((end - this.#end) | 0) > 0) this.#end = end;
  }

  #relax(): void {
    this.#calm += 1;
    if (this.#calm < CALM_FRAMES) return;
    this.#calm = 0;
    const waiting = (this.#end - (this.#next ?? this.#end)) | 0;
    if (this.#delay <= MIN_DELAY || waiting <= this.#delay) return;
    this.#delay -= FRAME_SAMPLES;
    this.#skipTo(((this.#next ?? 0) + FRAME_SAMPLES) | 0);
  }

  #skipTo(timestamp: number): void {
    const next = this.#next ?? timestamp;
    this.#clear(next, Math.min(RING_SAMPLES, Math.max(0, (timestamp - next) | 0)));
    this.#next = timestamp;
  }

  #isFilled(timestamp: number): boolean { return this.#filled[timestamp & MASK] === 1; }

  #clear(timestamp: number, length: number): void {
    const start = timestamp & MASK;
    const first = Math.min(length, RING_SAMPLES - start);
    this.#filled.fill(0, start, start + first);
    this.#ring.fill(0, start, start + first);
    if (first < length) {
      this.#filled.fill(0, 0, length - first);
      this.#ring.fill(0, 0, length - first);
    }
  }

  #conceal(into: Int16Array): boolean {
    this.#isFlowing = false;
    if (!this.#previousIsAudio) {
      into.fill(0);
      return false;
    }
    this.#previousIsAudio = false;
    this.#concealed += 1;
    for (let i = 0; i < FRAME_SAMPLES; i += 1) into[i] = ((this.#previous[FRAME_SAMPLES - 1 - i] ?? 0) * (FRAME_SAMPLES - i)) / FRAME_SAMPLES;
    return true;
  }
}

function fadeIn(frame: Int16Array): void {
  for (let i = 0; i < FADE_SAMPLES; i += 1) frame[i] = ((frame[i] ?? 0) * (i + 1)) / FADE_SAMPLES;
}
