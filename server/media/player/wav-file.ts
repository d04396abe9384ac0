import { AppError } from '../../base/app-error.ts';
import { G711, decodeG711 } from '../codec/g711.ts';
import { SAMPLE_RATE } from '../codec/frame.ts';

const FORMAT_PCM = 1;
const FORMAT_A_LAW = 6;
const FORMAT_MU_LAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;

/** What a WAV file holds. */
export interface WavAudio {
  readonly samples: Int16Array;
  readonly sampleRate: number;
}

/**
 * Decodes a WAV file: 16-bit PCM, A-law or µ-law, mono.
 * @remarks RIFF chunks in any order; a data chunk whose size was never written (a recording cut
 *   off by a crash) reaches to the end of the file.
 * @param name - for the error.
 * @throws AppError `media.bad-wav` that says what is wrong with the file.
 */
export function decodeWav(bytes: Buffer, name: string): WavAudio {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw badWav(name, 'it is not a RIFF/WAVE file');
  }
  let format: WavFormat | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const start = at + 8;
    if (id === 'fmt ') {
      format = readFormat(bytes.subarray(start, start + size), name);
    } else if (id === 'data') {
      if (format === undefined) throw badWav(name, 'its data comes before its format');
      const end = size === 0 || start + size > bytes.length ? bytes.length : start + size;
      return { samples: decodeData(bytes.subarray(start, end), format, name), sampleRate: format.sampleRate };
    }
    at = start + size + (size & 1);
  }
  throw badWav(name, 'it has no data');
}

/** As {@link decodeWav}, for what is played to a telephone: 8 kHz only. */
export function decodeTelephoneWav(bytes: Buffer, name: string): Int16Array {
  const { samples, sampleRate } = decodeWav(bytes, name);
  if (sampleRate !== SAMPLE_RATE) throw badWav(name, `it has ${sampleRate} Hz instead of 8000 Hz`);
  return samples;
}

interface WavFormat {
  readonly encoding: number;
  readonly sampleRate: number;
  readonly bits: number;
}

function readFormat(chunk: Buffer, name: string): WavFormat {
  if (chunk.length < 16) throw badWav(name, 'its format is cut off');
  const tag = chunk.readUInt16LE(0);
  const encoding = tag === FORMAT_EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  const channels = chunk.readUInt16LE(2);
  if (channels !== 1) throw badWav(name, `it has ${channels} channels instead of one`);
  return { encoding, sampleRate: chunk.readUInt32LE(4), bits: chunk.readUInt16LE(14) };
}

function decodeData(data: Buffer, format: WavFormat, name: string): Int16Array {
  if (format.encoding === FORMAT_PCM && format.bits === 16) {
    const samples = new Int16Array(data.length >> 1);
    for (let i = 0; i < samples.length; i += 1) samples[i] = data.readInt16LE(i * 2);
    return samples;
  }
  if (format.bits === 8 && (format.encoding === FORMAT_A_LAW || format.encoding === FORMAT_MU_LAW)) {
    const samples = new Int16Array(data.length);
    decodeG711(format.encoding === FORMAT_A_LAW ? G711.PCMA : G711.PCMU, data, samples);
    return samples;
  }
  throw badWav(name, `its encoding (format ${format.encoding}, ${format.bits} bits) is not 16-bit PCM, A-law or µ-law`);
}

const badWav = (name: string, why: string): AppError =>
  new AppError({ code: 'media.bad-wav', category: 'config', message: `${name} cannot be played: ${why}`, details: { name } });

/** Length of the header that {@link wavHeader} writes, in bytes. */
export const WAV_HEADER_BYTES = 44;

/** Makes the header of a mono 16-bit PCM file with this many bytes of data. */
export function wavHeader(dataBytes: number, sampleRate: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(dataBytes + WAV_HEADER_BYTES - 8, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(FORMAT_PCM, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}
