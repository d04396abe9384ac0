import { readFile, writeFile } from 'node:fs/promises';
import { decodeWav, wavHeader } from '../player/wav-file.ts';
import type { WavAudio } from '../player/wav-file.ts';

/**
 * Reads a mono WAV file of any rate.
 * @throws AppError `media.bad-wav`; the file system's error when it cannot be read.
 */
export async function readWav(path: string): Promise<WavAudio> {
  return decodeWav(await readFile(path), path);
}

/** Writes mono 16-bit samples as a WAV file. */
export async function writeWav(path: string, samples: Int16Array, sampleRate: number): Promise<void> {
  const data = Buffer.alloc(samples.length * 2);
  for (const [i, sample] of samples.entries()) data.writeInt16LE(sample, i * 2);
  await writeFile(path, Buffer.concat([wavHeader(data.length, sampleRate), data]));
}
