import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../base/app-error.ts';
import type { RecordingId, TenantId } from '../../model/ids.ts';
import { TAG_BYTES } from './aes-gcm.ts';
import { ChunkCipher } from './chunk-cipher.ts';
import { decodeFooter, findTrailer, TRAILER_BYTES, type RecordingFooter } from './recording-footer.ts';
import { damaged, deriveFileKey, HEADER_BYTES, readHeader, type ReadHeader } from './recording-header.ts';

/** What is needed to open a recording. */
export interface RecordingSource {
  readonly path: string;
  readonly tenantId: TenantId;
  /** A file of another recording in its place is refused. */
  readonly recordingId: RecordingId;
  /** A key of the tenant, by its id. */
  readonly keyOf: (keyId: string) => Uint8Array | undefined;
}

/**
 * Reads one recording: any stretch of its audio, touching only the chunks that hold it. Every
 * byte that is handed out was authenticated.
 */
export class RecordingReader {
  readonly header: ReadHeader;
  readonly fileBytes: number;
  /** Absent when the file was not finished: the process died, or somebody cut it off. */
  readonly footer: RecordingFooter | undefined;
  /** Bytes of 16-bit PCM, channels interleaved. */
  readonly audioBytes: number;
  readonly cipher: ChunkCipher;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, parts: Pick<RecordingReader, 'header' | 'fileBytes' | 'footer' | 'audioBytes' | 'cipher'>) {
    this.#file = file;
    this.header = parts.header;
    this.fileBytes = parts.fileBytes;
    this.footer = parts.footer;
    this.audioBytes = parts.audioBytes;
    this.cipher = parts.cipher;
  }

  /**
   * @throws AppError `recording.no-file`, `recording.unknown-key`, or `recording.damaged` when header or footer are not
   *   what was written, or the length is not what the footer says.
   */
  static async open(source: RecordingSource): Promise<RecordingReader> {
    const file = await open(source.path, 'r').catch((cause: unknown) => {
      throw new AppError({ code: 'recording.no-file', category: 'bug', message: 'the file of the recording cannot be opened', cause });
    });
    try {
      return new RecordingReader(file, await readParts(file, source));
    } catch (cause) {
      await file.close();
      throw cause;
    }
  }

  /** Bytes of audio in a whole chunk. */
  get chunkBytes(): number { return chunkBytesOf(this.header); }

  /** Length of the recording. */
  get durationMs(): number { return durationOf(this.audioBytes, this.header); }

  /** Chunks with audio, the last of which may be shorter. */
  get chunks(): number { return Math.ceil(this.audioBytes / this.chunkBytes); }

  /** Where chunk `index` begins in the file; also where the audio ends, for the one after the last. */
  offsetOf(index: number): number { return HEADER_BYTES + index * (this.chunkBytes + TAG_BYTES); }

  /** One chunk as it stands in the file. */
  readSealed(index: number): Promise<Buffer> {
    const length = Math.min(this.chunkBytes, this.audioBytes - index * this.chunkBytes);
    return readFully(this.#file, this.offsetOf(index), length + TAG_BYTES);
  }

  /** The audio of one chunk. @throws AppError `recording.damaged`. */
  async readChunk(index: number): Promise<Buffer> {
    return this.cipher.openChunk(index, await this.readSealed(index));
  }

  /**
   * The audio from byte `from` up to, not including, byte `to`.
   * @throws AppError `recording.damaged` at the chunk that was changed.
   */
  async *read(from: number, to: number): AsyncGenerator<Buffer, void, void> {
    const end = Math.min(to, this.audioBytes);
    for (let at = from; at < end;) {
      const index = Math.floor(at / this.chunkBytes);
      const start = index * this.chunkBytes;
      const audio = await this.readChunk(index);
      const piece = audio.subarray(at - start, Math.min(end - start, audio.length));
      yield piece;
      at += piece.length;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

const chunkBytesOf = ({ channels, chunkSamples }: ReadHeader): number => chunkSamples * channels * 2;

/** Length of so much audio, in milliseconds. */
export const durationOf = (audioBytes: number, { channels, sampleRate }: ReadHeader): number => (audioBytes / (channels * 2) / sampleRate) * 1_000;

async function readParts(file: FileHandle, { tenantId, recordingId, keyOf }: RecordingSource): Promise<Pick<RecordingReader, 'header' | 'fileBytes' | 'footer' | 'audioBytes' | 'cipher'>> {
  const { size: fileBytes } = await file.stat();
  const header = readHeader(await readFully(file, 0, Math.min(HEADER_BYTES, fileBytes)), tenantId);
  if (header.recordingId !== recordingId) throw damaged('it is another recording');
  const key = keyOf(header.keyId);
  if (key === undefined) {
    throw new AppError({ code: 'recording.unknown-key', category: 'config', message: `the key ${header.keyId} of this recording is not there`, details: { keyId: header.keyId } });
  }
  const cipher = new ChunkCipher(deriveFileKey(key, header.bytes));
  const footer = await readFooter(file, fileBytes, { header, cipher });
  return { header, fileBytes, footer, cipher, audioBytes: footer?.audioBytes ?? wholeChunks(fileBytes, header) * chunkBytesOf(header) };
}

const wholeChunks = (fileBytes: number, header: ReadHeader): number =>
  Math.max(0, Math.floor((fileBytes - HEADER_BYTES) / (chunkBytesOf(header) + TAG_BYTES)));

async function readFooter(file: FileHandle, fileBytes: number, { header, cipher }: { readonly header: ReadHeader; readonly cipher: ChunkCipher }): Promise<RecordingFooter | undefined> {
  if (fileBytes < HEADER_BYTES + TRAILER_BYTES) return undefined;
  const found = findTrailer(await readFully(file, fileBytes - TRAILER_BYTES, TRAILER_BYTES));
  const footerAt = fileBytes - TRAILER_BYTES - (found?.sealedBytes ?? 0);
  if (found === undefined || footerAt < HEADER_BYTES) return undefined;
  const footer = decodeFooter(await readFully(file, footerAt, found.sealedBytes), found.nonce, cipher);
  const sealedAudio = footer.audioBytes + TAG_BYTES * Math.ceil(footer.audioBytes / chunkBytesOf(header));
  if (HEADER_BYTES + sealedAudio !== footerAt) throw damaged('something was cut out of it, or put in');
  return footer;
}

async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  if (bytesRead < length) throw damaged('it is shorter than it was');
  return bytes;
}
