import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { readIfThere } from './read-if-there.ts';
import { KEY_BYTES } from './recording-header.ts';

/** Name of the file in the data directory. */
export const MASTER_KEY_FILE = 'recording-master.key';

/**
 * The key that wraps the tenants' keys: from the environment, or from a file of the data
 * directory that is made at the first start, for its owner only.
 * @param configured - 32 bytes in base64, for whoever keeps it away from the disk that it protects.
 * @throws AppError `recording.master-key` when it is not such a key.
 */
export async function readMasterKey(dataDirectory: string, configured: string | undefined): Promise<Buffer> {
  if (configured !== undefined) return parseKey(configured, 'ALLO_RECORDING_KEY');
  const path = join(dataDirectory, MASTER_KEY_FILE);
  const kept = await readIfThere(path);
  return kept === undefined ? makeKey(path) : parseKey(kept.trim(), path);
}

function parseKey(text: string, where: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length !== KEY_BYTES || key.toString('base64') !== text) {
    throw new AppError({ code: 'recording.master-key', category: 'config', message: `${where} is not ${KEY_BYTES} bytes in base64` });
  }
  return key;
}

async function makeKey(path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.write(`${key.toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return key;
}
