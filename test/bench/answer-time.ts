import { readFile, readdir } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSipp } from '../support/sipp.ts';
import type { RunningCentre } from '../support/running-centre.ts';
import { ack, bye, invite, pause, writeScenario } from '../calls/sipp-scenario.ts';
import { percentilesOf, type Percentiles } from './percentiles.ts';

/** What a run of calls measured. */
export interface AnswerTimes {
  readonly times: Percentiles;
  readonly failedCalls: number;
}

/**
 * Offers calls at a fixed rate (open loop) with SIPp and measures INVITE to 200, ledger and
 * media included; each call stays in the IVR for two seconds, with its prompts playing.
 * @param rate - calls per second.
 */
export async function measureAnswerTimes(centre: RunningCentre, rate: number, seconds: number): Promise<AnswerTimes> {
  const calls = rate * seconds;
  const logs = await mkdtemp(join(tmpdir(), 'allo-bench-'));
  const scenario = await writeScenario('answer-time', [
    invite({ attributes: 'retrans="500" start_txn="invite" start_rtd="answer"' }),
    '<recv response="100" optional="true" response_txn="invite"/>',
    '<recv response="200" rrs="true" rtd="answer" response_txn="invite"/>',
    ack(), pause(2000), bye(2),
  ]);
  try {
    const sipp = await startSipp({
      scenario: scenario.path, remote: centre.sipAddress, calls, timeoutMs: (seconds + 30) * 1000,
      args: ['-s', '1000', '-key', 'from', '+213550100001', '-r', String(rate), '-l', String(rate * 10), '-trace_rtt', '-rtt_freq', '1'],
      keepIn: logs,
    });
    const { exitCode, stdout } = await sipp.finished;
    const files = await readdir(logs);
    const rtt = files.find((file) => file.includes('_rtt'));
    if (rtt === undefined) throw new Error(`SIPp wrote no response times (exit ${String(exitCode)}): ${stdout.slice(-500)}`);
    const times = (await readFile(join(logs, rtt), 'utf8')).split('\n').slice(1)
      .map((line) => Number(line.split(';')[1])).filter((time) => Number.isFinite(time) && time >= 0);
    return { times: percentilesOf(times), failedCalls: calls - times.length };
  } finally {
    await scenario.remove();
    await rm(logs, { recursive: true });
  }
}
