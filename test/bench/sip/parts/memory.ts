import { until } from '../../../support/until.ts';
import { CALL, HELD_CALL } from '../load/scenarios.ts';
import { sippLoad, startCaller } from '../load/sipp-load.ts';
import type { Part } from '../part.ts';
import { HIGH_RATE } from '../plan.ts';
import type { ServerFigures } from '../process/server-messages.ts';
import { ServerUnderTest } from '../server-under-test.ts';

/** New calls per second until all are held. */
const RATE = 200;

/** Longer than it takes until the transactions are gone. */
const HOLD_S = 120;

/** For the last of them to be answered. */
const GRACE_MS = 10_000;

/** What an established dialog keeps in memory when its transactions are gone, on both sides of the protocol. */
export const memory: Part = async ({ plan: { dialogs, warmUpUnits, restT1Ms }, report, scope }) => {
  const server = await ServerUnderTest.start(scope, { arrangement: 'two processes', application: { kind: 'uas' }, t1Ms: restT1Ms });
  await sippLoad(scope, { port: server.ports.sipPort, steps: CALL })({ rate: HIGH_RATE, count: warmUpUnits });
  const both = async (): Promise<readonly [ServerFigures, ServerFigures]> =>
    [await server.rest(), await server.figures('application', { collectGarbage: true })];
  const before = await both();
  const caller = await startCaller(scope, { port: server.ports.sipPort, steps: HELD_CALL, holdS: HOLD_S }, { rate: RATE, count: dialogs });
  const areHeld = async (): Promise<boolean> => (await server.figures('engine', { collectGarbage: false })).held?.dialogs === dialogs;
  await until(areHeld, `${dialogs} dialogs`, (dialogs / RATE) * 1000 + GRACE_MS);
  const after = await both();
  await caller.stop();
  const print = report.table(`Memory of ${dialogs} dialogs, T1 ${restT1Ms} ms`, ['process', 'JS heap per dialog', 'RSS per dialog']);
  for (const [index, name] of ['engine', 'application (drachtio-srf)'].entries()) {
    const grown = (of: 'heapBytes' | 'rssBytes'): string => `${Math.round(((after[index]?.[of] ?? NaN) - (before[index]?.[of] ?? NaN)) / dialogs)} bytes`;
    print(name, grown('heapBytes'), grown('rssBytes'));
  }
};
