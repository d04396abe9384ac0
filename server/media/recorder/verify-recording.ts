import { describeError } from '../../base/app-error.ts';
import type { RecordingEnd } from '../../model/recording.ts';
import { checksumOf } from './close-interrupted.ts';
import { RecordingReader, type RecordingSource } from './recording-reader.ts';

/**
 * Checks one recording against what the ledger says of it: every chunk opens, nothing is missing,
 * and the file is the one whose checksum was taken.
 * @returns what is wrong, in a sentence; nothing when all is well. Never rejects.
 */
export async function verifyRecording(source: RecordingSource, end: RecordingEnd): Promise<string | undefined> {
  try {
    const reader = await RecordingReader.open(source);
    try {
      for (let index = 0; index < reader.chunks; index += 1) await reader.readChunk(index);
      return await findDifference(reader, source.path, end);
    } finally {
      await reader.close();
    }
  } catch (cause) {
    return describeError(cause);
  }
}

async function findDifference(reader: RecordingReader, path: string, end: RecordingEnd): Promise<string | undefined> {
  if (reader.durationMs !== end.durationMs) return `it lasts ${reader.durationMs} ms, and was ${end.durationMs} ms long`;
  if (end.checksum === undefined) return undefined;
  if (reader.footer === undefined) return 'its end was cut off';
  return await checksumOf(path) === end.checksum ? undefined : 'its checksum is another than in the ledger';
}
