import { FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE, SAMPLES_PER_MS } from '../codec/frame.ts';
import type { RecordingBeep } from '../../model/recording-policy.ts';

const FULL_SCALE = 32_767;
/** Samples over which the tone rises and falls, so that it does not click: 5 ms. */
const EDGE_SAMPLES = 5 * SAMPLES_PER_MS;

/** The warning tone of one recording: everybody in the conversation hears the same frame of it. */
export class Beeper {
  readonly #tone: Int16Array;
  readonly #everyFrames: number;
  #frame = 0;
  #sounding: Int16Array | undefined;

  constructor(beep: RecordingBeep) {
    this.#tone = makeTone(beep);
    this.#everyFrames = Math.max(1, Math.round(beep.everyMs / FRAME_MS));
  }

  /** What sounds in this tick, 160 samples; nothing between the tones. */
  get sounding(): Int16Array | undefined { return this.#sounding; }

  /** Moves on by one frame; the first one begins the tone. */
  advance(): void {
    const at = (this.#frame % this.#everyFrames) * FRAME_SAMPLES;
    this.#sounding = at < this.#tone.length ? this.#tone.subarray(at, at + FRAME_SAMPLES) : undefined;
    this.#frame += 1;
  }

  /** Silence until {@link advance}. */
  rest(): void {
    this.#sounding = undefined;
  }
}

/** Whole frames of tone, faded in and out. */
function makeTone({ frequencyHz, lengthMs, levelDbfs }: RecordingBeep): Int16Array {
  const length = Math.round(lengthMs / FRAME_MS) * FRAME_SAMPLES;
  const level = FULL_SCALE * 10 ** (Math.min(0, levelDbfs) / 20);
  return Int16Array.from({ length }, (_, i) => {
    const edge = Math.min(1, (i + 1) / EDGE_SAMPLES, (length - i) / EDGE_SAMPLES);
    return Math.round(level * edge * Math.sin((2 * Math.PI * frequencyHz * i) / SAMPLE_RATE));
  });
}
