import { readFile, readdir, readlink } from 'node:fs/promises';

/** Kernel clock ticks per second: 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** Fields of `/proc/PID/stat` behind the name, in field 2, counted from zero (proc(5)). */
const FIELD = { userTicks: 11, systemTicks: 12, childrenUserTicks: 13, childrenSystemTicks: 14 } as const;

/** CPU time of a process since its start, all its threads together, in milliseconds. @throws Error when it is gone. */
export async function readCpuMs(pid: number): Promise<number> {
  const fields = await readStat(pid);
  return milliseconds(fields[FIELD.userTicks], fields[FIELD.systemTicks]);
}

/**
 * CPU time of the children of this process that have ended, in milliseconds: what a load
 * generator used is known when it is gone.
 */
export async function readEndedChildrenCpuMs(): Promise<number> {
  const fields = await readStat('self');
  return milliseconds(fields[FIELD.childrenUserTicks], fields[FIELD.childrenSystemTicks]);
}

/** How many sockets of any kind a process has open. @throws Error when it is gone. */
export async function countSockets(pid: number): Promise<number> {
  const directory = `/proc/${pid}/fd`;
  const targets = await Promise.all((await readdir(directory)).map((fd) => targetOf(`${directory}/${fd}`)));
  return targets.filter((target) => target.startsWith('socket:')).length;
}

async function targetOf(path: string): Promise<string> {
  try {
    return await readlink(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return ''; // Node's file errors carry a code; closed since it was listed.
    throw cause;
  }
}

/** The name may hold spaces and brackets, so that fields are counted behind its last bracket. */
async function readStat(pid: number | 'self'): Promise<readonly string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

const milliseconds = (...ticks: readonly (string | undefined)[]): number =>
  ticks.reduce((sum, one) => sum + Number(one), 0) * (1000 / TICKS_PER_SECOND);
