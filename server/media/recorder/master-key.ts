import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { readIfThere } from './read-if-there.ts';
import { KEY_BYTES } from './recording-header.ts';

/** Name of the file in the data directory. */
export const MASTER_KEY_FILE = 'recording-master.key';

/** Where a master key comes from. */
export interface MasterKeySource {
  readonly dataDirectory: string;
  /** 32 bytes in base64, for whoever keeps it away from the disk that it protects. */
  readonly configured?: string | undefined;
  /** Nothing is wrapped yet, so a key may be made. */
  readonly mayMake: boolean;
}

/**
 * The key that wraps the tenants' keys: from the environment, or from a file of the data
 * directory that is made at the first start, for its owner only.
 * @throws AppError `recording.master-key` when it is no such key, or is not there and must be.
 */
export async function readMasterKey({ dataDirectory, configured, mayMake }: MasterKeySource): Promise<Buffer> {
  if (configured !== undefined) return parseKey(configured, 'ALLO_RECORDING_KEY');
  const path = join(dataDirectory, MASTER_KEY_FILE);
  const kept = await readIfThere(path);
  if (kept !== undefined) return parseKey(kept.trim(), path);
  if (mayMake) return makeKey(path);
  throw noKey(`the master key of the recordings is not there: restore ${path}, or set ALLO_RECORDING_KEY`);
}

function parseKey(text: string, where: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length !== KEY_BYTES || key.toString('base64') !== text) {
    throw noKey(`${where} is not ${KEY_BYTES} bytes in base64`);
  }
  return key;
}

const noKey = (message: string): AppError => new AppError({ code: 'recording.master-key', category: 'config', message });

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
