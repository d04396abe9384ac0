import { freePort } from '../../../support/sipp.ts';
import { milliseconds } from '../compare-rates.ts';
import { CALL } from '../load/scenarios.ts';
import { sippLoad } from '../load/sipp-load.ts';
import type { Part } from '../part.ts';
import { readEndedChildrenCpuMs } from '../process/process-figures.ts';

/** What the generator can do at all: SIPp against itself. */
export const ceiling: Part = async ({ plan, report, scope }) => {
  const print = report.table('SIPp against itself', ['offered', 'achieved', 'CPU of both SIPp per call', 'failed', 'sent again']);
  for (const rate of [100, 200, 400, 800]) {
    const port = await freePort();
    const count = rate * plan.windowS;
    const before = await readEndedChildrenCpuMs();
    const { achievedRate, failed, retransmissions } = await sippLoad(scope, { port, steps: CALL }, port)({ rate, count });
    const usedMs = (await readEndedChildrenCpuMs()) - before;
    print(`${rate}/s`, `${achievedRate.toFixed(1)}/s`, milliseconds(usedMs / count), String(failed), String(retransmissions));
  }
};
