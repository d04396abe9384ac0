import { open } from 'node:fs/promises';
import { AppError } from '../../base/app-error.ts';
import { decodeTelephoneWav } from './wav-file.ts';

/** Ten minutes of 16-bit audio at 8 kHz. */
const MAX_FILE_BYTES = 9_600_044;

interface Entry {
  readonly samples: Promise<Int16Array>;
  bytes: number;
}

/**
 * Decoded files, shared by all calls; the least recently used go when `maxBytes` are exceeded.
 */
export class AudioCache {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number { return this.#bytes; }

  /**
   * Reads and decodes a file, or finds it decoded; readers of one file wait for one read.
   * @throws AppError `media.bad-wav` or `media.no-file`.
   */
  load(path: string): Promise<Int16Array> {
    const known = this.#entries.get(path);
    if (known !== undefined) {
      this.#entries.delete(path);
      this.#entries.set(path, known);
      return known.samples;
    }
    const entry: Entry = { samples: readAudio(path), bytes: 0 };
    this.#entries.set(path, entry);
    entry.samples.then(
      (samples) => this.#settle(path, entry, samples.byteLength),
      // The failure reaches whoever asked; here it only must not be remembered.
      () => this.#forget(path, entry),
    );
    return entry.samples;
  }

  #settle(path: string, entry: Entry, bytes: number): void {
    if (this.#entries.get(path) !== entry) return;
    entry.bytes = bytes;
    this.#bytes += bytes;
    for (const [oldest, other] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      if (other.bytes > 0) this.#forget(oldest, other);
    }
  }

  #forget(path: string, entry: Entry): void {
    if (this.#entries.get(path) !== entry) return;
    this.#entries.delete(path);
    this.#bytes -= entry.bytes;
  }
}

async function readAudio(path: string): Promise<Int16Array> {
  const bytes = await readBounded(path);
  return decodeTelephoneWav(bytes, path);
}

async function readBounded(path: string): Promise<Buffer> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new AppError({ code: 'media.no-file', category: 'config', message: `${path} cannot be opened`, details: { path }, cause });
  });
  try {
    const { size } = await file.stat();
    if (size > MAX_FILE_BYTES) {
      throw new AppError({ code: 'media.bad-wav', category: 'config', message: `${path} cannot be played: it has ${size} bytes, more than ${MAX_FILE_BYTES}`, details: { path } });
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}
