import { Scope } from '../../../../server/base/scope.ts';
import { freePort } from '../../../support/sipp.ts';
import { PERCENTILE_COLUMNS, percentileCells } from '../../percentiles.ts';
import type { Load } from '../load/load.ts';
import { CALL } from '../load/scenarios.ts';
import { sippLoad } from '../load/sipp-load.ts';
import type { Bench, Part } from '../part.ts';
import { HIGH_RATE } from '../plan.ts';
import { BenchChild } from '../process/child.ts';
import type { ProbeSettings, ProbeTimes } from '../process/generator-messages.ts';
import { ARRANGEMENTS, ServerUnderTest, type Arrangement } from '../server-under-test.ts';

/** Calls per second: SIPp's and the probe's, 200 together. */
const SIPP_RATE = 180;
const PROBE_RATE = 20;

/** Who answers: ours, or a second SIPp, which shows what of the times is the machine's and the probe's. */
type Callee = Arrangement | 'SIPp itself';

/** How long callers wait for 180 and for 200 at 200 calls per second. */
export const latency: Part = async (bench) => {
  const print = bench.report.table(
    `Response times at ${SIPP_RATE + PROBE_RATE} calls/s, by a probe of ${PROBE_RATE} of them`, ['response', 'processes', ...PERCENTILE_COLUMNS, 'failed'],
  );
  for (const callee of ['SIPp itself', ...ARRANGEMENTS] as const) {
    const { ringing, answered, failed } = await probe(bench, callee);
    print('INVITE to 180', callee, ...percentileCells(ringing), String(failed));
    print('INVITE to 200', callee, ...percentileCells(answered), String(failed));
  }
};

async function probe({ plan, scope: outer }: Bench, callee: Callee): Promise<ProbeTimes> {
  const scope = new Scope();
  outer.onClose(() => scope.close());
  const { port, load } = await loadOn(scope, callee);
  const warmUp = await load({ rate: HIGH_RATE, count: plan.warmUpUnits });
  // Its own start is over long before it begins.
  const settings: ProbeSettings = { port, rate: PROBE_RATE, count: PROBE_RATE * plan.latencyS, waitMs: plan.rampS * 1000 };
  const child = BenchChild.spawn(scope, './probe-process.ts', settings);
  const [times, offered] = await Promise.all([
    child.hear<ProbeTimes>(), load({ rate: SIPP_RATE, count: SIPP_RATE * (plan.rampS + plan.latencyS + 2) }),
  ]);
  await scope.close();
  return { ...times, failed: times.failed + offered.failed + warmUp.failed };
}

async function loadOn(scope: Scope, callee: Callee): Promise<{ readonly port: number; readonly load: Load }> {
  if (callee === 'SIPp itself') {
    const port = await freePort();
    return { port, load: sippLoad(scope, { port, steps: CALL }, port) };
  }
  const { ports: { sipPort } } = await ServerUnderTest.start(scope, { arrangement: callee, application: { kind: 'uas' } });
  return { port: sipPort, load: sippLoad(scope, { port: sipPort, steps: CALL }) };
}
