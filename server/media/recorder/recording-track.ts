import { FRAME_SAMPLES, SAMPLES_PER_MS } from '../codec/frame.ts';
import { PeakMeter } from './peak-meter.ts';
import type { Peaks, RecordingMarker } from './recording-footer.ts';
import { CHUNK_SAMPLES } from './recording-header.ts';
import type { SealedWriter } from './sealed-writer.ts';

const BYTES_PER_SAMPLE = 2;
const FRAMES_PER_CHUNK = CHUNK_SAMPLES / FRAME_SAMPLES;
/** Card numbers are said a few times in a call, and a disk stalls a few times a day. */
const MAX_MARKERS = 500;

/** Bytes of audio in a whole chunk. */
export const chunkBytes = (channels: number): number => CHUNK_SAMPLES * channels * BYTES_PER_SAMPLE;

/** Gathers frames of one or two channels into chunks (16-bit PCM, interleaved), measures them, and notes where there is silence for a reason. */
export class RecordingTrack {
  readonly #writer: Pick<SealedWriter, 'append' | 'appendSilence'>;
  readonly #channels: 1 | 2;
  readonly #meter: PeakMeter;
  readonly #markers: RecordingMarker[] = [];
  #chunk: DataView;
  /** Frames in the chunk that is being gathered, and in all before it. */
  #gathered = 0;
  #frames = 0;
  #lostMs = 0;
  #pausedFromMs: number | undefined;

  constructor(writer: Pick<SealedWriter, 'append' | 'appendSilence'>, channels: 1 | 2) {
    this.#writer = writer;
    this.#channels = channels;
    this.#meter = new PeakMeter(channels);
    this.#chunk = this.#newChunk();
  }

  /** Length so far. */
  get positionMs(): number { return (this.#frames * FRAME_SAMPLES) / SAMPLES_PER_MS; }
  get audioBytes(): number { return this.#frames * this.#frameBytes; }
  get lostMs(): number { return this.#lostMs; }
  get isPaused(): boolean { return this.#pausedFromMs !== undefined; }
  get peaks(): Peaks { return this.#meter.peaks(); }

  /** Silence on purpose begins or ends here; the frames of it are {@link addSilence}'s. */
  setPaused(isPaused: boolean): void {
    if (isPaused) this.#pausedFromMs ??= this.positionMs;
    else this.#endPause();
  }

  /** What was noted so far; a pause that goes on ends here. */
  markers(): readonly RecordingMarker[] {
    this.#endPause();
    return this.#markers;
  }

  /** Adds 20 ms: 160 samples of each channel. */
  addFrame(left: Int16Array, right?: Int16Array): void {
    this.#meter.addFrame(this.#place(left, 0), right === undefined ? 0 : this.#place(right, 1));
    this.#advance();
  }

  /** Adds so many frames of silence; any number takes no more memory than one. */
  addSilence(frames: number): void {
    let left = frames;
    for (; left > 0 && this.#gathered > 0; left -= 1) this.#addSilentFrame();
    const chunks = Math.floor(left / FRAMES_PER_CHUNK);
    this.#writer.appendSilence(chunks);
    for (let i = 0; i < chunks * FRAMES_PER_CHUNK; i += 1) this.#meter.addFrame();
    this.#frames += chunks * FRAMES_PER_CHUNK;
    for (left -= chunks * FRAMES_PER_CHUNK; left > 0; left -= 1) this.#addSilentFrame();
  }

  /** The chunk that is not full, at the end: as many bytes as it has. */
  takeRest(): Uint8Array {
    const rest = new Uint8Array(this.#chunk.buffer, 0, this.#gathered * this.#frameBytes);
    this.#chunk = this.#newChunk();
    this.#gathered = 0;
    return rest;
  }

  get #frameBytes(): number { return FRAME_SAMPLES * this.#channels * BYTES_PER_SAMPLE; }

  #newChunk(): DataView { return new DataView(new ArrayBuffer(chunkBytes(this.#channels))); }

  #addSilentFrame(): void {
    this.#meter.addFrame();
    this.#advance();
  }

  /** Puts a frame into every second place, or into every one. @returns its loudest sample. */
  #place(samples: Int16Array, channel: number): number {
    const step = this.#channels * BYTES_PER_SAMPLE;
    let at = this.#gathered * this.#frameBytes + channel * BYTES_PER_SAMPLE;
    let loudest = 0;
    for (let i = 0; i < FRAME_SAMPLES; i += 1, at += step) {
      const sample = samples[i] ?? 0;
      this.#chunk.setInt16(at, sample, true);
      loudest = Math.max(loudest, Math.abs(sample));
    }
    return loudest;
  }

  #advance(): void {
    this.#gathered += 1;
    this.#frames += 1;
    if (this.#gathered < FRAMES_PER_CHUNK) return;
    const isTaken = this.#writer.append(new Uint8Array(this.#chunk.buffer));
    this.#chunk = this.#newChunk();
    this.#gathered = 0;
    if (!isTaken) this.#noteLoss();
  }

  #noteLoss(): void {
    const toMs = this.positionMs;
    const fromMs = toMs - CHUNK_SAMPLES / SAMPLES_PER_MS;
    this.#lostMs += toMs - fromMs;
    const last = this.#markers.at(-1);
    if (last?.kind === 'lost' && last.toMs === fromMs) this.#markers[this.#markers.length - 1] = { ...last, toMs };
    else this.#mark({ kind: 'lost', fromMs, toMs });
  }

  #endPause(): void {
    if (this.#pausedFromMs === undefined) return;
    this.#mark({ kind: 'paused', fromMs: this.#pausedFromMs, toMs: this.positionMs });
    this.#pausedFromMs = undefined;
  }

  #mark(marker: RecordingMarker): void {
    if (this.#markers.length < MAX_MARKERS) this.#markers.push(marker);
  }
}
