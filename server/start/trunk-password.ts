import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrunkId } from '../model/ids.ts';

/**
 * The password of a trunk's account at its far end: `trunk-passwords/<trunk id>` in the data directory, so that it is
 * never in the database nor in its backups. Read once, at the start.
 * @returns nothing without such a file, or with an empty one.
 * @throws what the file system throws, when there is a file that cannot be read.
 */
export function readTrunkPassword(dataDirectory: string, trunkId: TrunkId): string | undefined {
  if (!/^[\w-]{1,64}$/.test(trunkId)) return undefined; // An id that is a path would lead elsewhere.
  try {
    return readFileSync(join(dataDirectory, 'trunk-passwords', trunkId), 'utf8').trim() || undefined;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}
