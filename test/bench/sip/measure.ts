import { delay } from '../../../server/base/deadline.ts';
import type { Bench } from './part.ts';
import { HIGH_RATE } from './plan.ts';
import type { Load, Offered } from './load/load.ts';
import { readEndedChildrenCpuMs } from './process/process-figures.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/** What is measured of a load at one rate. */
export interface Measured {
  readonly offered: Offered;
  /** Of the server for one unit of load: of engine and application, or of the one process. */
  readonly cpuMs: readonly number[];
  /** Of the generators on the same cores, for one unit. */
  readonly generatorMs: number;
}

/** What is offered, to what, for how long. */
export interface Measurement {
  readonly server: ServerUnderTest;
  readonly load: Load;
  readonly rate: number;
  readonly windowS: number;
}

/** How long the load goes on behind the window, so that its start and its end do not matter. */
const MARGIN_S = 2;

/**
 * Measures CPU in the steady state: a warm-up of the same kind, then the load, and within it a
 * window that opens when as many transactions end as begin.
 * @remarks Units within the window are counted by the rate that was achieved.
 */
export async function measure({ plan, scope }: Bench, { server, load, rate, windowS }: Measurement): Promise<Measured> {
  const generatorBefore = await readEndedChildrenCpuMs();
  const warmUp = await load({ rate: HIGH_RATE, count: plan.warmUpUnits });
  const count = Math.round(rate * (plan.rampS + windowS + MARGIN_S));
  const watch = async (): Promise<readonly number[]> => {
    await delay(plan.rampS * 1000, scope.signal);
    const [from, before] = [performance.now(), await server.cpuMs()];
    await delay(windowS * 1000, scope.signal);
    const after = await server.cpuMs();
    return after.map((ms, n) => ((ms - (before[n] ?? NaN)) * 1000) / (performance.now() - from));
  };
  const [offered, perSecond] = await Promise.all([load({ rate, count }), watch()]);
  const generatorMs = (await readEndedChildrenCpuMs()) - generatorBefore;
  return {
    offered: { ...offered, failed: offered.failed + warmUp.failed },
    cpuMs: perSecond.map((ms) => ms / offered.achievedRate),
    generatorMs: generatorMs / (count + plan.warmUpUnits),
  };
}
