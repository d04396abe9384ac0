import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '../../../../server/base/scope.ts';
import type { SippStep } from '../../../calls/sipp-scenario.ts';
import type { Load, LoadRequest, Offered } from './load.ts';
import { CALLEE } from './scenarios.ts';
import { startScopedSipp, temporaryDirectory } from './sipp-process.ts';
import { parseSippStatistics } from './sipp-statistics.ts';

/** Where SIPp calls, and how. */
export interface SippTarget {
  /** UDP port on loopback. */
  readonly port: number;
  /** What one call is. */
  readonly steps: readonly SippStep[];
  /** How long a `<pause/>` lasts, in seconds. */
  readonly holdS?: number;
}

/** How much longer than its load a SIPp process may live, in seconds: retransmissions give up after 32 s. */
const GRACE_S = 60;

/** A load of SIPp's. @param calleePort - where a second SIPp takes the calls, for what ends there. */
export const sippLoad = (scope: Scope, target: SippTarget, calleePort?: number): Load => async (request) => {
  const callee = calleePort === undefined ? undefined : await startScopedSipp(scope, {
    // More than it gets, also with a probe beside the load: it is stopped, and does not end in the middle.
    steps: CALLEE, calls: request.count * 2, localPort: calleePort, longestS: longestOf(request),
  });
  const offered = await (await startCaller(scope, target, request)).finished();
  await callee?.stop();
  return offered;
};

/** SIPp as the caller. */
export interface SippCaller {
  /** @throws Error when less than the count was offered. */
  finished(): Promise<Offered>;
  stop(): Promise<void>;
}

/** Starts SIPp as the caller, open loop. */
export async function startCaller(scope: Scope, { port, steps, holdS = 0 }: SippTarget, request: LoadRequest): Promise<SippCaller> {
  const statistics = join(await temporaryDirectory(scope), 'statistics.csv');
  const caller = await startScopedSipp(scope, {
    steps, calls: request.count, remote: `127.0.0.1:${port}`, longestS: longestOf(request) + holdS,
    args: ['-s', 'bench', '-r', String(request.rate), '-d', `${holdS}s`, '-trace_stat', '-fd', '500ms', '-stf', statistics],
  });
  return {
    finished: async () => {
      const { stderr } = await caller.finished;
      const { created, succeeded, retransmissions, achievedRate } = parseSippStatistics(await readFile(statistics, 'utf8'));
      if (created !== request.count) throw new Error(`SIPp began ${created} of ${request.count}: ${stderr}`);
      return { achievedRate, retransmissions, failed: created - succeeded, times: [] };
    },
    stop: async () => { await caller.stop(); },
  };
}

const longestOf = ({ rate, count }: LoadRequest): number => Math.ceil(count / rate) + GRACE_S;
