import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../base/app-error.ts';
import type { RecordingEnd, RecordingEnding, RecordingPause } from '../../model/recording.ts';
import { FRAME_SAMPLES } from '../codec/frame.ts';
import { PeakMeter } from './peak-meter.ts';
import { encodeFooter, type Peaks, type RecordingFooter, type RecordingMarker } from './recording-footer.ts';
import { damaged } from './recording-header.ts';
import { durationOf, RecordingReader, type RecordingSource } from './recording-reader.ts';

/** How and with what to close a recording that nobody finished. */
export interface ClosingOptions {
  readonly how: Extract<RecordingEnding, 'interrupted' | 'failed'>;
  /** What the ledger knows of silence on purpose. */
  readonly pauses: readonly RecordingPause[];
}

/**
 * Closes the file of a recording whose writer died: finds the last whole chunk, cuts off what
 * comes after, and seals it with a footer. Killed anywhere, it may be run again.
 * @returns what can be played. A file that is whole already ends as its footer says. Otherwise `reason` says what is wrong,
 *   and the file is left as it is. Never rejects for what it finds on the disk.
 */
export async function closeInterrupted(source: RecordingSource, options: ClosingOptions): Promise<RecordingEnd> {
  let reader: RecordingReader;
  try {
    reader = await RecordingReader.open(source);
  } catch (cause) {
    return { how: options.how, durationMs: 0, bytes: await sizeOf(source.path), lostMs: 0, reason: reasonOf(cause) };
  }
  try {
    if (reader.footer !== undefined) return await describeWhole(reader, reader.footer, source.path);
    return await seal(reader, source.path, options);
  } finally {
    await reader.close();
  }
}

async function describeWhole(reader: RecordingReader, footer: RecordingFooter, path: string): Promise<RecordingEnd> {
  const lostMs = footer.markers.reduce((sum, { kind, fromMs, toMs }) => (kind === 'lost' ? sum + toMs - fromMs : sum), 0);
  return { how: footer.how, durationMs: reader.durationMs, bytes: reader.fileBytes, checksum: await checksumOf(path), lostMs };
}

/** SHA-256 of a file, in hexadecimal. */
export async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function seal(reader: RecordingReader, path: string, { how, pauses }: ClosingOptions): Promise<RecordingEnd> {
  const { chunks, audioBytes, peaks, isTorn } = await findWholeChunks(reader);
  const durationMs = durationOf(audioBytes, reader.header);
  const markers: RecordingMarker[] = pauses.map(({ fromMs, toMs = durationMs }) => ({ kind: 'paused', fromMs, toMs: Math.min(toMs, durationMs) }));
  try {
    if (!isTorn) throw damaged('a chunk within it does not open');
    await replaceEnd(path, reader.offsetOf(chunks), encodeFooter({ audioBytes, how, markers, peaks }, reader.cipher));
    return { how, durationMs, bytes: await sizeOf(path), checksum: await checksumOf(path), lostMs: 0 };
  } catch (cause) {
    // A disk that is full or read-only, or a file that somebody changed: what opens can be played all the same.
    return { how, durationMs, bytes: await sizeOf(path), lostMs: 0, reason: reasonOf(cause) };
  }
}

async function replaceEnd(path: string, position: number, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(position);
    await file.write(bytes, 0, bytes.length, position);
    await file.datasync();
  } finally {
    await file.close();
  }
}

interface WholeChunks {
  /** Chunks from the beginning that open, and the audio in them. */
  readonly chunks: number;
  readonly audioBytes: number;
  readonly peaks: Peaks;
  /** Whether everything behind them is what a crash leaves: where a later chunk opens, it is damage, and nothing may be cut off. */
  readonly isTorn: boolean;
}

async function findWholeChunks(reader: RecordingReader): Promise<WholeChunks> {
  const { channels } = reader.header;
  const meter = new PeakMeter(channels);
  const chunks = await countOpening(reader, 0, (audio) => measure(meter, audio, channels));
  let isTorn = chunks > 0 || reader.chunks === 0;
  for (let later = chunks + 1; later < reader.chunks && isTorn; later += 1) isTorn = await countOpening(reader, later) === 0;
  return { chunks, audioBytes: chunks * reader.chunkBytes, peaks: meter.peaks(), isTorn };
}

/** Counts the chunks in a row that open. */
async function countOpening(reader: RecordingReader, from: number, onAudio: (audio: Buffer) => void = () => undefined): Promise<number> {
  let count = 0;
  for (; from + count < reader.chunks; count += 1) {
    const audio = await reader.readChunk(from + count).catch(() => undefined);
    if (audio === undefined) break;
    onAudio(audio);
  }
  return count;
}

/** Shows a meter the frames of one chunk. */
function measure(meter: PeakMeter, audio: Buffer, channels: number): void {
  const frameBytes = FRAME_SAMPLES * channels * 2;
  for (let frame = 0; frame + frameBytes <= audio.length; frame += frameBytes) {
    const loudest = Array.from({ length: channels }, () => 0);
    for (let i = 0; i < FRAME_SAMPLES * channels; i += 1) {
      const channel = i % channels;
      loudest[channel] = Math.max(loudest[channel] ?? 0, Math.abs(audio.readInt16LE(frame + i * 2)));
    }
    meter.addFrame(...loudest);
  }
}

const sizeOf = (path: string): Promise<number> => stat(path).then(({ size }) => size, () => 0);

const reasonOf = (cause: unknown): string => (cause instanceof AppError ? cause.code.replace('recording.', '') : 'unreadable');
