import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../base/app-error.ts';

/** Who holds a lock: a process id is used again by the system, so its birth is part of it. */
interface Holder {
  readonly pid: number;
  /** Boot id and start time of the process where the system tells them (Linux `proc(5)`), else empty. */
  readonly birth: string;
  readonly token: string;
}

/** A lock on a directory, held by one process until it releases it or dies. */
export interface DirectoryLock {
  /** Idempotent. */
  release(): Promise<void>;
}

/**
 * Takes the lock file of a directory; one left by a dead process is taken over.
 * @throws AppError `ledger.locked` while another ledger, in this process or another, holds it.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, 'lock');
  const holder: Holder = { pid: process.pid, birth: birthOf(process.pid), token: randomUUID() };
  const mine = `${path}.${holder.token}`;
  await writeFile(mine, JSON.stringify(holder), { flag: 'wx' });
  try {
    // Twice at most: a stale lock is moved away once; who comes second then is refused.
    if (!await tryLink(mine, path)) {
      await moveAwayIfStale(path, `${mine}.stale`);
      if (!await tryLink(mine, path)) throw refused(await readHolder(path));
    }
  } finally {
    await rm(mine, { force: true });
  }
  return {
    async release() {
      if ((await readHolder(path))?.token === holder.token) await rm(path, { force: true });
    },
  };
}

/** `link` either makes the name or finds it taken, in one step. */
async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (cause) {
    if (hasCode(cause, 'EEXIST')) return false;
    throw cause;
  }
}

async function moveAwayIfStale(path: string, aside: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder && isAlive(holder)) throw refused(holder);
  try {
    await rename(path, aside);
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return;
    throw cause;
  }
  // Somebody else may have taken the stale lock over between the look and the move.
  const moved = await readHolder(aside);
  if (moved && isAlive(moved)) await tryLink(aside, path);
  await rm(aside, { force: true });
}

/** @returns nothing for an absent lock, and for one whose writer died before it was written. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const said: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isHolder(said) ? said : undefined;
  } catch (cause) {
    if (hasCode(cause, 'ENOENT') || cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

const isHolder = (said: unknown): said is Holder =>
  typeof said === 'object' && said !== null && 'pid' in said && typeof said.pid === 'number'
  && 'birth' in said && typeof said.birth === 'string' && 'token' in said && typeof said.token === 'string';

function isAlive({ pid, birth }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // EPERM: it lives and is somebody else's.
    return hasCode(cause, 'EPERM');
  }
  return birth === '' || birthOf(pid) === birth;
}

function birthOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in field 2 may hold spaces and brackets; field 22 (start time) counts behind the last one.
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    // No proc(5) here: the process id alone must do.
    return '';
  }
}

const refused = (holder: Holder | undefined): AppError => new AppError({
  code: 'ledger.locked', category: 'config',
  message: `the ledger is in use by ${holder ? `process ${holder.pid}` : 'another process'}`,
  ...(holder ? { details: { pid: holder.pid } } : {}),
});

const hasCode = (cause: unknown, code: string): boolean => cause instanceof Error && 'code' in cause && cause.code === code;
