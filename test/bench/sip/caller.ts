import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentilesOf, type Percentiles } from '../percentiles.ts';
import { startSipp } from '../../support/sipp.ts';
import { writeScenario } from '../../calls/sipp-scenario.ts';
import { CALL, CALL_TIMED_AT_RINGING, REGISTRATION, SINGLE_OPTIONS } from './scenarios.ts';

/** What SIPp offers, open loop. */
export interface Offer {
  readonly remote: string;
  readonly kind: 'call' | 'ringing' | 'options' | 'register';
  /** New ones per second. */
  readonly rate: number;
  readonly count: number;
}

/** What SIPp measured. */
export interface Measured {
  readonly failed: number;
  readonly seconds: number;
  /** Milliseconds from the request to the response that stops the clock: 180 for `ringing`, else the final one. */
  readonly times: Percentiles;
}

const SCENARIOS = { call: CALL, ringing: CALL_TIMED_AT_RINGING, options: SINGLE_OPTIONS, register: REGISTRATION } as const;

/** Runs SIPp as the caller. @throws Error when it measured nothing. */
export async function offer({ remote, kind, rate, count }: Offer): Promise<Measured> {
  const logs = await mkdtemp(join(tmpdir(), 'allo-bench-sip-'));
  const scenario = await writeScenario(kind, SCENARIOS[kind]);
  const from = performance.now();
  try {
    const sipp = await startSipp({
      scenario: scenario.path, remote, calls: count, timeoutMs: (count / rate + 45) * 1000, keepIn: logs,
      args: ['-s', 'bench', '-au', 'bench', '-ap', 'secret', '-r', String(rate), '-l', String(Math.max(2000, rate * 20)), '-trace_rtt', '-rtt_freq', '100', '-trace_stat', '-fd', '1'],
    });
    const { stdout, stderr } = await sipp.finished;
    const seconds = (performance.now() - from) / 1000;
    const files = await readdir(logs);
    const rtt = files.find((file) => file.includes('_rtt'));
    const stat = files.find((file) => file.endsWith('_.csv') && !file.includes('_rtt'));
    if (rtt === undefined || stat === undefined) throw new Error(`SIPp measured nothing: ${stderr.slice(-500)} ${stdout.slice(-500)}`);
    const times = (await readFile(join(logs, rtt), 'utf8')).trim().split('\n').slice(1).map((line) => Number(line.split(';')[1]));
    return { seconds, times: percentilesOf(times), failed: count - await successful(join(logs, stat)) };
  } finally {
    await scenario.remove();
    await rm(logs, { recursive: true });
  }
}

/** The last cumulated count of SIPp's statistics file. */
async function successful(path: string): Promise<number> {
  const [head = '', ...lines] = (await readFile(path, 'utf8')).trim().split('\n');
  const column = head.split(';').indexOf('SuccessfulCall(C)');
  return Number(lines.at(-1)?.split(';')[column] ?? 0);
}
