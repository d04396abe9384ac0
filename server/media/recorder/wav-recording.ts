import type { RecordingAudio, Waveform } from '../../call/recording/ports.ts';
import { WAV_HEADER_BYTES, wavHeader } from '../player/wav-file.ts';
import type { Peaks } from './recording-footer.ts';
import type { RecordingReader } from './recording-reader.ts';

const BYTES_PER_SAMPLE = 2;
const FULL_SCALE = 255;

/** A recording as a WAV file (16-bit PCM) that is decrypted while it is read. */
export class WavRecording implements RecordingAudio {
  readonly #reader: RecordingReader;
  readonly #header: Buffer;

  constructor(reader: RecordingReader) {
    this.#reader = reader;
    this.#header = headerOf(reader);
  }

  get sizeBytes(): number { return WAV_HEADER_BYTES + this.#reader.audioBytes; }
  get isWhole(): boolean { return this.#reader.footer !== undefined; }
  get fileBytes(): number { return this.#reader.fileBytes; }

  positionOf(byte: number): number {
    const { audioBytes, durationMs } = this.#reader;
    return audioBytes === 0 ? 0 : (Math.max(0, byte - WAV_HEADER_BYTES) / audioBytes) * durationMs;
  }

  async *read(from: number, to: number): AsyncGenerator<Buffer, void, void> {
    if (from < WAV_HEADER_BYTES) yield this.#header.subarray(from, Math.min(to, WAV_HEADER_BYTES));
    if (to > WAV_HEADER_BYTES) yield* this.#reader.read(Math.max(0, from - WAV_HEADER_BYTES), to - WAV_HEADER_BYTES);
  }

  waveform(points: number): Waveform {
    const { durationMs, footer } = this.#reader;
    const peaks = footer?.peaks ?? { samplesPerPoint: 1, channels: [] };
    return { durationMs, channels: peaks.channels.map((channel) => thinOut(channel, points)), markers: footer?.markers ?? [] };
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

/** The header of a mono file, with the channels of this one in their places. */
function headerOf({ audioBytes, header: { channels, sampleRate } }: RecordingReader): Buffer {
  const header = wavHeader(audioBytes, sampleRate);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate * channels * BYTES_PER_SAMPLE, 28);
  header.writeUInt16LE(channels * BYTES_PER_SAMPLE, 32);
  return header;
}

/** The loudest of each stretch, so that there are at most so many points, each from 0 to 1. */
function thinOut(channel: Peaks['channels'][number], points: number): readonly number[] {
  const count = Math.min(points, channel.length);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * channel.length) / count);
    const to = Math.max(from + 1, Math.floor(((i + 1) * channel.length) / count));
    return Math.max(...channel.subarray(from, to)) / FULL_SCALE;
  });
}
