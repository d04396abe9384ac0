import { AppError } from '../server/base/app-error.ts';

/** Mono sound: samples of −1 to 1. */
export interface Sound {
  readonly sampleRate: number;
  readonly samples: Float32Array;
}

const PCM = 1;
const HEADER_BYTES = 44;

/**
 * Reads a RIFF WAVE file of 16-bit PCM; more channels than one are mixed.
 * @remarks Chunks other than `fmt ` and `data` are passed over; a `data` length that is larger
 *   than the file (a program that writes to a pipe does not know it) means "to the end".
 * @throws AppError `prompts.wav` when it is something else.
 */
export function decodeWav(bytes: Buffer): Sound {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw notWav('it is not a RIFF WAVE file');
  }
  let format: { channels: number; sampleRate: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const chunk = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, Math.min(bytes.length, at + 8 + length));
    if (chunk === 'fmt ') format = readFormat(body);
    if (chunk === 'data') {
      if (!format) throw notWav('its data come before its format');
      return { sampleRate: format.sampleRate, samples: mixDown(body, format.channels) };
    }
    at += 8 + length + (length % 2);
  }
  throw notWav('it has no data');
}

function readFormat(body: Buffer): { channels: number; sampleRate: number } {
  if (body.length < 16) throw notWav('its format chunk is cut off');
  const [encoding, channels, bits] = [body.readUInt16LE(0), body.readUInt16LE(2), body.readUInt16LE(14)];
  if (encoding !== PCM || bits !== 16 || channels < 1) throw notWav(`it must be 16-bit PCM, and is encoding ${encoding} with ${bits} bits`);
  return { channels, sampleRate: body.readUInt32LE(4) };
}

function mixDown(body: Buffer, channels: number): Float32Array {
  const samples = new Float32Array(Math.floor(body.length / 2 / channels));
  for (let i = 0; i < samples.length; i += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += body.readInt16LE((i * channels + channel) * 2);
    samples[i] = sum / channels / 32768;
  }
  return samples;
}

/** Writes a RIFF WAVE file: 16-bit PCM, mono; samples beyond ±1 are clipped. */
export function encodeWav(sound: Sound): Buffer {
  const dataBytes = sound.samples.length * 2;
  const bytes = Buffer.alloc(HEADER_BYTES + dataBytes);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(PCM, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sound.sampleRate, 24);
  bytes.writeUInt32LE(sound.sampleRate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(dataBytes, 40);
  sound.samples.forEach((sample, i) => {
    bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32767), HEADER_BYTES + i * 2);
  });
  return bytes;
}

const notWav = (why: string): AppError =>
  new AppError({ code: 'prompts.wav', category: 'config', message: `the sound cannot be read: ${why}` });
