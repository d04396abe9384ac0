import { freePort } from '../../../support/sipp.ts';
import { compareRates } from '../compare-rates.ts';
import { CALL, SINGLE_OPTIONS } from '../load/scenarios.ts';
import { sippLoad } from '../load/sipp-load.ts';
import type { Part } from '../part.ts';
import { HIGH_RATE } from '../plan.ts';

/** Calls that are rung, answered and hung up by the caller. */
export const uas: Part = async (bench) => {
  await compareRates(bench, {
    what: 'UAS, answer and hang up', rates: [100, 200, 400, 800], application: { kind: 'uas' },
    load: (scope, { ports }) => sippLoad(scope, { port: ports.sipPort, steps: CALL }),
  });
};

/** Calls that are bridged to a second SIPp. */
export const b2bua: Part = async (bench) => {
  const calleePort = await freePort();
  await compareRates(bench, {
    what: 'B2BUA', rates: [100, 200, 400], application: { kind: 'b2bua', target: `sip:callee@127.0.0.1:${calleePort}` },
    load: (scope, { ports }) => sippLoad(scope, { port: ports.sipPort, steps: CALL }, calleePort),
  });
};

/** OPTIONS that the application answers. */
export const options: Part = async (bench) => {
  await compareRates(bench, {
    what: 'OPTIONS', rates: [HIGH_RATE], application: { kind: 'uas' },
    load: (scope, { ports }) => sippLoad(scope, { port: ports.sipPort, steps: SINGLE_OPTIONS }),
  });
};

/** Two minutes at 400 calls per second: not one may fail. */
export const steady: Part = async (bench) => {
  const rows = await compareRates(bench, {
    what: `UAS for ${bench.plan.steadyS} s`, rates: [HIGH_RATE], windowS: bench.plan.steadyS, application: { kind: 'uas' },
    load: (scope, { ports }) => sippLoad(scope, { port: ports.sipPort, steps: CALL }),
  });
  for (const { arrangement, offered: { failed } } of rows) {
    if (failed > 0) bench.report.complain(`${failed} calls failed in ${arrangement}`);
  }
};
