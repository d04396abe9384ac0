import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../base/app-error.ts';
import { SAMPLE_RATE } from '../codec/frame.ts';
import { WAV_HEADER_BYTES, wavHeader } from '../player/wav-file.ts';

/** Samples gathered before they are written: half a second. */
const CHUNK_SAMPLES = SAMPLE_RATE / 2;
/** Chunks that may wait for a slow disk: 10 s, after which audio is lost and counted. */
const MAX_WAITING_CHUNKS = 20;

/**
 * Streams frames to a mono 16-bit WAV file with bounded memory. The header is brought up to
 * date with each chunk, so that a crash leaves a playable file.
 */
export class WavRecorder {
  readonly #file: FileHandle;
  readonly #path: string;
  #chunk = new Int16Array(CHUNK_SAMPLES);
  #chunkLength = 0;
  #waiting = 0;
  #written = 0;
  #lostSamples = 0;
  #tail: Promise<void> = Promise.resolve();
  #failure: unknown;
  #closing: Promise<void> | undefined;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** @throws AppError `media.no-recording` when the file cannot be made. */
  static async create(path: string): Promise<WavRecorder> {
    try {
      const file = await open(path, 'w');
      const recorder = new WavRecorder(file, path);
      recorder.#enqueue(async () => { await file.write(wavHeader(0, SAMPLE_RATE), 0, WAV_HEADER_BYTES, 0); });
      return recorder;
    } catch (cause) {
      throw new AppError({ code: 'media.no-recording', category: 'config', message: `cannot record to ${path}`, details: { path }, cause });
    }
  }

  get lostSamples(): number { return this.#lostSamples; }

  /** Takes one frame of samples; never waits for the disk. */
  write(samples: Int16Array): void {
    if (this.#closing !== undefined) return;
    for (let at = 0; at < samples.length;) {
      const length = Math.min(samples.length - at, CHUNK_SAMPLES - this.#chunkLength);
      this.#chunk.set(samples.subarray(at, at + length), this.#chunkLength);
      this.#chunkLength += length;
      at += length;
      if (this.#chunkLength === CHUNK_SAMPLES) this.#flush();
    }
  }

  /**
   * Writes what is left and closes the file. Idempotent.
   * @throws AppError `media.recording-failed` when the disk refused audio on the way.
   */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#flush();
    await this.#tail;
    await this.#file.close();
    if (this.#failure !== undefined || this.#lostSamples > 0) {
      throw new AppError({
        code: 'media.recording-failed', category: 'config', cause: this.#failure,
        message: `the recording ${this.#path} is not whole`, details: { lostSamples: this.#lostSamples },
      });
    }
  }

  #flush(): void {
    if (this.#chunkLength === 0) return;
    const chunk = this.#chunk.subarray(0, this.#chunkLength);
    this.#chunk = new Int16Array(CHUNK_SAMPLES);
    this.#chunkLength = 0;
    if (this.#waiting >= MAX_WAITING_CHUNKS) {
      this.#lostSamples += chunk.length;
      return;
    }
    this.#enqueue(async () => {
      const bytes = Buffer.alloc(chunk.length * 2);
      for (const [i, sample] of chunk.entries()) bytes.writeInt16LE(sample, i * 2);
      await this.#file.write(bytes, 0, bytes.length, WAV_HEADER_BYTES + this.#written);
      this.#written += bytes.length;
      await this.#file.write(wavHeader(this.#written, SAMPLE_RATE), 0, WAV_HEADER_BYTES, 0);
    });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#waiting += 1;
    this.#tail = this.#tail.then(work).catch((cause: unknown) => { this.#failure ??= cause; })
      .finally(() => { this.#waiting -= 1; });
  }
}
