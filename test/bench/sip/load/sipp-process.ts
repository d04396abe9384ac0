import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from '../../../../server/base/scope.ts';
import { writeScenario, type SippStep } from '../../../calls/sipp-scenario.ts';
import { startSipp, type SippOptions, type SippProcess } from '../../../support/sipp.ts';

/** A SIPp process that ends with a scope at the latest. */
export interface ScopedSipp extends Pick<SippOptions, 'remote' | 'localPort'> {
  readonly steps: readonly SippStep[];
  readonly calls: number;
  readonly longestS: number;
  readonly args?: readonly string[];
}

/** SIPp must not lose what comes while others have the cores; its default is a sixteenth of it. */
const SOCKET_BUFFER_BYTES = 1_048_576;

/** How long a call waits for a message before it has failed: longer than transactions time out (64·T1). */
const LONGEST_WAIT_MS = 40_000;

/** Starts it; messages are not traced. */
export async function startScopedSipp(scope: Scope, { steps, longestS, args = [], ...options }: ScopedSipp): Promise<SippProcess> {
  const scenario = await writeScenario('bench', steps);
  scope.onClose(() => scenario.remove());
  const sipp = await startSipp({
    ...options, scenario: scenario.path, keepIn: await temporaryDirectory(scope), timeoutMs: longestS * 1000,
    // No number of calls in progress holds it back; and it ends by itself when this process is killed.
    args: [
      ...args, '-l', String(options.calls + 1), '-timeout', `${longestS}s`,
      '-recv_timeout', String(LONGEST_WAIT_MS), '-buff_size', String(SOCKET_BUFFER_BYTES),
    ],
  });
  try {
    scope.onClose(async () => { await sipp.stop(); });
  } catch (cause) {
    await sipp.stop(); // The scope was closed meanwhile.
    throw cause;
  }
  return sipp;
}

/** A directory that is removed with the scope. */
export async function temporaryDirectory(scope: Scope): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'allo-bench-sip-'));
  scope.onClose(() => rm(path, { recursive: true, force: true }));
  return path;
}
