import { FRAME_SAMPLES } from '../codec/frame.ts';
import type { Peaks } from './recording-footer.ts';

/** Fewest points of a long recording; it has up to twice as many. */
const POINTS = 800;
/** Drops what eight bits cannot hold of the size of a 16-bit sample. */
const TO_EIGHT_BITS = 7;

/**
 * Keeps the loudest sample of each stretch of a recording, in bounded memory: when there are too
 * many points, each two become one.
 */
export class PeakMeter {
  readonly #channels: readonly Uint8Array[];
  #framesPerPoint = 1;
  #points = 0;
  #framesInPoint = 0;

  constructor(channels: number) {
    this.#channels = Array.from({ length: channels }, () => new Uint8Array(2 * POINTS));
  }

  /** Takes one frame: of each channel its loudest sample, as a size from 0 to 32,768. */
  addFrame(...loudest: readonly number[]): void {
    if (this.#framesInPoint === 0) this.#beginPoint();
    for (const [channel, points] of this.#channels.entries()) {
      const peak = Math.min(255, (loudest[channel] ?? 0) >> TO_EIGHT_BITS);
      const at = this.#points - 1;
      points[at] = Math.max(points[at] ?? 0, peak);
    }
    this.#framesInPoint = (this.#framesInPoint + 1) % this.#framesPerPoint;
  }

  peaks(): Peaks {
    return { samplesPerPoint: this.#framesPerPoint * FRAME_SAMPLES, channels: this.#channels.map((points) => points.slice(0, this.#points)) };
  }

  #beginPoint(): void {
    if (this.#points === 2 * POINTS) this.#halve();
    this.#points += 1;
  }

  #halve(): void {
    for (const points of this.#channels) {
      for (let i = 0; i < POINTS; i += 1) points[i] = Math.max(points[2 * i] ?? 0, points[2 * i + 1] ?? 0);
      points.fill(0, POINTS);
    }
    this.#points = POINTS;
    this.#framesPerPoint *= 2;
  }
}
