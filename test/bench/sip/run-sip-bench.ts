import { parseArgs } from 'node:util';
import { describeError } from '../../../server/base/app-error.ts';
import { Scope } from '../../../server/base/scope.ts';
import type { Part } from './part.ts';
import { b2bua, options, steady, uas } from './parts/calls.ts';
import { ceiling } from './parts/ceiling.ts';
import { latency } from './parts/latency.ts';
import { memory } from './parts/memory.ts';
import { register } from './parts/registrations.ts';
import { soak } from './parts/soak.ts';
import { planOf, type Plan } from './plan.ts';
import { describeMachine, Report } from './report.ts';

const PARTS: ReadonlyMap<string, Part> = new Map(Object.entries({ ceiling, uas, b2bua, latency, register, options, memory, soak, steady }));

/**
 * `npm run bench:sip -- [--seconds N] [ceiling|uas|b2bua|latency|register|options|memory|soak|steady …]`: the figures of
 * the SIP engine for `docs/benchmarks.md`; all parts when none is named. Ends with code 1 when something was left or
 * failed that must not.
 */
async function runSipBench(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { seconds: { type: 'string' } }, allowPositionals: true });
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  if (seconds !== undefined && !(seconds >= 1)) throw new RangeError(`--seconds ${values.seconds}: give a number from 1`);
  const parts = (positionals.length > 0 ? positionals : [...PARTS.keys()]).map(partNamed);
  const [plan, report] = [planOf(seconds), new Report()];
  report.line(`${describeMachine()}${plan.isShort ? `; short run of ${seconds} s, not for the record` : ''}`);
  for (const part of parts) await runPart(part, plan, report);
  if (report.hasComplaints) process.exitCode = 1;
}

function partNamed(name: string): Part {
  const part = PARTS.get(name);
  if (!part) throw new RangeError(`${name} is no part; parts are ${[...PARTS.keys()].join(', ')}`);
  return part;
}

/** Runs a part; all that it started ends with it, also when it throws or somebody presses Ctrl-C. */
async function runPart(part: Part, plan: Plan, report: Report): Promise<void> {
  const scope = new Scope();
  const onSignal = (signal: NodeJS.Signals): void => {
    console.error(`${signal}: ending`);
    void scope.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    await part({ plan, report, scope });
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await scope.close();
  }
}

runSipBench().catch((cause: unknown) => {
  console.error(describeError(cause));
  process.exitCode = 1;
});
