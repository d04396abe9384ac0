import { randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../base/app-error.ts';

/** Letters and digits that nobody mistakes for one another. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/**
 * The password of the demonstration users: at the first start as configured, or generated. Kept
 * in the data directory, readable by its owner only, so that every later start says the one with
 * which the demonstration was made, and no other.
 * @throws AppError `start.demo-password` when another one is configured later: nobody could sign in with it.
 */
export async function demoPassword(dataDirectory: string, configured: string | undefined): Promise<string> {
  const path = join(dataDirectory, 'demo-password');
  const kept = await readKept(path);
  if (kept !== undefined && configured !== undefined && configured !== kept) {
    throw new AppError({
      code: 'start.demo-password', category: 'config',
      message: `ALLO_DEMO_PASSWORD is not the password that the demonstration in ${dataDirectory} was made with; unset it, or start with an empty ALLO_DATA_DIR`,
    });
  }
  if (kept !== undefined) return kept;
  const password = configured ?? generate();
  await writeFile(path, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return password;
}

const generate = (): string => Array.from({ length: 10 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

async function readKept(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).replace(/\n$/, '');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}
