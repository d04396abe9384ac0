import { delay } from '../../../server/base/deadline.ts';
import type { Bench } from './part.ts';
import { HIGH_RATE } from './plan.ts';
import type { Load, Offered } from './load/load.ts';
import { readEndedChildrenCpuMs } from './process/process-figures.ts';
import type { CpuTime, ServerUnderTest } from './server-under-test.ts';

/** What is measured of a load at one rate. */
export interface Measured {
  readonly offered: Offered;
  /** Of the server, for one unit of load. */
  readonly perUnit: CpuTime;
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
  const watch = async (): Promise<CpuTime> => {
    await delay(plan.rampS * 1000, scope.signal);
    const [from, before] = [performance.now(), await server.cpu()];
    await delay(windowS * 1000, scope.signal);
    return perSecond(before, await server.cpu(), (performance.now() - from) / 1000);
  };
  const [offered, used] = await Promise.all([load({ rate, count }), watch()]);
  const generatorMs = (await readEndedChildrenCpuMs()) - generatorBefore;
  return {
    offered: { ...offered, failed: offered.failed + warmUp.failed },
    perUnit: scaled(used, 1 / offered.achievedRate),
    generatorMs: generatorMs / (count + plan.warmUpUnits),
  };
}

const perSecond = (before: CpuTime, after: CpuTime, seconds: number): CpuTime => scaled({
  wholeMs: after.wholeMs - before.wholeMs,
  ...(after.engineMs === undefined ? {} : { engineMs: after.engineMs - (before.engineMs ?? 0) }),
  ...(after.applicationMs === undefined ? {} : { applicationMs: after.applicationMs - (before.applicationMs ?? 0) }),
}, 1 / seconds);

const scaled = ({ wholeMs, engineMs, applicationMs }: CpuTime, factor: number): CpuTime => ({
  wholeMs: wholeMs * factor,
  ...(engineMs === undefined ? {} : { engineMs: engineMs * factor }),
  ...(applicationMs === undefined ? {} : { applicationMs: applicationMs * factor }),
});
