import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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

/** Names of the locks that ever were: `lock.1`, and one more for each takeover from a dead process. */
const LOCK_NAME = /^lock\.(\d{1,9})$/;

/**
 * Takes the lock of a directory; one left by a dead process is taken over.
 *
 * A lock is never removed by anybody but its holder before the next generation is there, and
 * that one is made in a single step: of many who find the same dead holder, one makes it and
 * the others are refused. Whoever comes with an outdated list makes a lock beside a live one,
 * sees that when it looks again, and gives way.
 * @throws AppError `ledger.locked` while another ledger, in this process or another, holds it.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const holder: Holder = { pid: process.pid, birth: birthOf(process.pid), token: randomUUID() };
  const before = await listLocks(directory);
  const live = before.find((lock) => lock.isLive);
  if (live) throw refused(live.holder);
  const path = join(directory, `lock.${Math.max(0, ...before.map(({ generation }) => generation)) + 1}`);
  const draft = join(directory, `draft.${holder.token}`);
  try {
    await writeFile(draft, JSON.stringify(holder), { flag: 'wx' });
    if (!await tryLink(draft, path)) throw refused(await readHolder(path));
  } finally {
    await rm(draft, { force: true });
  }
  const release = (): Promise<void> => rm(path, { force: true });
  const others = (await listLocks(directory)).filter((lock) => lock.path !== path);
  const rival = others.find((lock) => lock.isLive);
  if (rival) {
    await release();
    throw refused(rival.holder);
  }
  for (const dead of others) await rm(dead.path, { force: true });
  return { release };
}

interface Lock {
  readonly path: string;
  readonly generation: number;
  readonly holder: Holder | undefined;
  readonly isLive: boolean;
}

async function listLocks(directory: string): Promise<readonly Lock[]> {
  const locks: Lock[] = [];
  for (const name of await readdir(directory)) {
    const generation = Number(LOCK_NAME.exec(name)?.[1] ?? 0);
    if (generation === 0) continue;
    const path = join(directory, name);
    const holder = await readHolder(path);
    locks.push({ path, generation, holder, isLive: holder !== undefined && isAlive(holder) });
  }
  return locks;
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
