import { readFile } from 'node:fs/promises';

/** Kernel clock ticks per second: 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** CPU and memory of a process, all its threads together. */
export interface ProcessFigures {
  /** User and system time since its start, in milliseconds. */
  readonly cpuMs: number;
  /** Resident memory in KiB. */
  readonly rssKib: number;
}

/** Reads a process from proc(5). @throws Error when it is gone. */
export async function readProcess(pid: number): Promise<ProcessFigures> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in field 2 may hold spaces; fields are counted behind its bracket. 14 and 15 are utime and stime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return { cpuMs: (ticks * 1000) / TICKS_PER_SECOND, rssKib: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) };
}
