import { createHash } from 'node:crypto';
import { AppError } from '../../base/app-error.ts';
import type { ByteSink } from './byte-sink.ts';
import { ChunkCipher } from './chunk-cipher.ts';

/** Chunks that may wait for a slow disk: 10 s of audio, after which it is lost and counted. */
export const MAX_WAITING_CHUNKS = 10;

/** What a writer is made with. */
export interface SealedWriterOptions {
  readonly sink: ByteSink;
  readonly header: Uint8Array;
  readonly key: Uint8Array;
  /** Bytes of audio in a whole chunk. */
  readonly chunkBytes: number;
  /** The disk refused something: no more is written. Called once. */
  readonly onFailed: (cause: unknown) => void;
}

type Waiting =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'audio'; readonly audio: Uint8Array }
  /** Silent chunks, made when their turn comes: any number of them takes no memory. */
  | { readonly kind: 'silence'; chunks: number };

/**
 * Writes the chunks of one recording in order, sealed, with bounded memory: whoever appends
 * never waits. When the disk is slower than the audio, what cannot wait is replaced by silence
 * of the same length, so that what comes after stays in its place.
 */
export class SealedWriter {
  readonly #options: SealedWriterOptions;
  readonly #cipher: ChunkCipher;
  readonly #hash = createHash('sha256');
  readonly #queue: Waiting[] = [];
  #waitingChunks = 0;
  #running: Promise<void> | undefined;
  #chunks = 0;
  #bytes = 0;
  #failure: { readonly cause: unknown } | undefined;

  constructor(options: SealedWriterOptions) {
    this.#options = options;
    this.#cipher = new ChunkCipher(options.key);
    this.#enqueue({ kind: 'bytes', bytes: options.header });
  }

  /**
   * Appends one whole chunk.
   * @param audio - is kept until it is written.
   * @returns false when it was lost: silence stands in its place.
   */
  append(audio: Uint8Array): boolean {
    if (this.#failure !== undefined) return false;
    if (this.#waitingChunks >= MAX_WAITING_CHUNKS) {
      this.appendSilence(1);
      return false;
    }
    this.#enqueue({ kind: 'audio', audio });
    return true;
  }

  /** Appends so many whole silent chunks. */
  appendSilence(chunks: number): void {
    if (chunks === 0) return;
    const last = this.#queue.at(-1);
    // It may be under way already: its count is looked at again after each chunk.
    if (last?.kind === 'silence') last.chunks += chunks;
    else this.#enqueue({ kind: 'silence', chunks });
  }

  /**
   * Writes the last chunk, which may be shorter, and what follows the audio, and closes the file.
   * @param makeFooter - seals what is known of the recording, once all its audio is written.
   * @returns length and SHA-256 of the file, which is on the disk then.
   * @throws AppError `media.recording-failed` when the disk refused anything on the way.
   */
  async finish(rest: Uint8Array, makeFooter: (cipher: ChunkCipher) => Uint8Array): Promise<{ readonly bytes: number; readonly checksum: string }> {
    if (rest.length > 0) this.#enqueue({ kind: 'audio', audio: rest });
    await this.#running;
    if (this.#failure === undefined) this.#enqueue({ kind: 'bytes', bytes: makeFooter(this.#cipher) });
    await this.#running;
    await this.#close();
    if (this.#failure !== undefined) {
      throw new AppError({ code: 'media.recording-failed', category: 'config', message: 'the disk refused a recording', cause: this.#failure.cause });
    }
    return { bytes: this.#bytes, checksum: this.#hash.digest('hex') };
  }

  async #close(): Promise<void> {
    try {
      if (this.#failure === undefined) await this.#options.sink.sync();
      await this.#options.sink.close();
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #enqueue(entry: Waiting): void {
    if (this.#failure !== undefined) return;
    if (entry.kind === 'audio') this.#waitingChunks += 1;
    this.#queue.push(entry);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      for (let entry = this.#queue[0]; entry !== undefined; entry = this.#queue[0]) {
        if (entry.kind === 'bytes') await this.#write(entry.bytes);
        else await this.#writeChunk(entry.kind === 'audio' ? entry.audio : new Uint8Array(this.#options.chunkBytes));
        this.#settle(entry);
      }
    } catch (cause) {
      this.#fail(cause);
    } finally {
      this.#running = undefined;
    }
  }

  /** The first in line, or one chunk of it, is written. */
  #settle(entry: Waiting): void {
    if (entry.kind === 'silence') entry.chunks -= 1;
    if (entry.kind === 'silence' && entry.chunks > 0) return;
    if (entry.kind === 'audio') this.#waitingChunks -= 1;
    this.#queue.shift();
  }

  async #writeChunk(audio: Uint8Array): Promise<void> {
    const sealed = this.#cipher.sealChunk(this.#chunks, audio);
    this.#chunks += 1;
    await this.#write(sealed);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    const position = this.#bytes;
    this.#bytes += bytes.length;
    await this.#options.sink.write(bytes, position);
  }

  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { cause };
    this.#queue.length = 0;
    this.#waitingChunks = 0;
    this.#options.onFailed(cause);
  }
}
