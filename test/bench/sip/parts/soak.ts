import { delay } from '../../../../server/base/deadline.ts';
import { slopeOf, type Point } from '../linear-fit.ts';
import { CALL } from '../load/scenarios.ts';
import { sippLoad } from '../load/sipp-load.ts';
import type { Bench, Part } from '../part.ts';
import { HIGH_RATE } from '../plan.ts';
import { countSockets } from '../process/process-figures.ts';
import type { ServerFigures } from '../process/server-messages.ts';
import { ServerUnderTest } from '../server-under-test.ts';
import { describeRest, whatIsLeft, type Rest } from '../what-is-left.ts';

const SAMPLES = 12;

/**
 * The heap of the engine may grow by so much per 1,000 calls, in bytes. The least that could be
 * forgotten of each call, an entry of a map with its key, is more; and so is one transaction of a hundred calls.
 */
const BOUND = 32 * 1024;

/** Sixty thousand calls, then quiet: nothing may be left, and memory must not have grown. */
export const soak: Part = async (bench) => {
  const { plan, report, scope } = bench;
  const server = await ServerUnderTest.start(scope, { arrangement: 'two processes', application: { kind: 'uas' }, t1Ms: plan.restT1Ms });
  const load = sippLoad(scope, { port: server.ports.sipPort, steps: CALL });
  const warmUp = await load({ rate: HIGH_RATE, count: plan.warmUpUnits });
  const before = await rest(server);
  const count = HIGH_RATE * plan.rampS + plan.soakCalls;
  const [offered, slopes] = await Promise.all([load({ rate: HIGH_RATE, count }), sampleHeaps(bench, server)]);
  const after = await rest(server);
  const atRest = (after.figures.heapBytes - before.figures.heapBytes) / (count / 1000);
  report.line(
    `\nsoak of ${count} calls at ${HIGH_RATE}/s: failed ${offered.failed + warmUp.failed}, sent again ${offered.retransmissions}; heap per 1,000 calls under load: `
    + `engine ${bytes(slopes.engine)}, drachtio-srf ${bytes(slopes.application)}; engine at rest ${bytes(atRest)}; bound ${bytes(BOUND)}`,
  );
  if (offered.failed + warmUp.failed > 0) report.complain('calls failed');
  // So few calls are not told from what the compiler still keeps.
  if (!plan.isShort && Math.max(slopes.engine, atRest) > BOUND) report.complain('the heap grows');
  report.line(`left in the engine's process: ${describeRest(after)}`);
  for (const what of whatIsLeft(before, after)) report.complain(`left after the soak: ${what}`);
};

async function rest(server: ServerUnderTest): Promise<Rest & { readonly figures: ServerFigures }> {
  return { figures: await server.rest(), sockets: await countSockets(server.engine.pid) };
}

/**
 * Samples both heaps under load, after garbage collection, from when as many transactions end as begin.
 * @returns bytes per 1,000 calls where as many transactions are held: how many there are just then is chance.
 */
async function sampleHeaps({ plan, report, scope }: Bench, server: ServerUnderTest): Promise<{ readonly engine: number; readonly application: number }> {
  const print = report.table('Heap after garbage collection, under load', ['calls', 'engine', 'drachtio-srf', 'transactions held']);
  const [engine, application]: [Point[], Point[]] = [[], []];
  const from = performance.now() + plan.rampS * 1000;
  const question = { collectGarbage: true };
  for (let n = 1; n <= SAMPLES; n += 1) {
    const calls = (plan.soakCalls * n) / SAMPLES;
    await delay(from + (calls / HIGH_RATE) * 1000 - performance.now(), scope.signal);
    const [ofEngine, ofApplication] = [await server.figures('engine', question), await server.figures('application', question)];
    const z = ofEngine.held?.transactions ?? NaN;
    engine.push({ x: calls / 1000, y: ofEngine.heapBytes, z });
    application.push({ x: calls / 1000, y: ofApplication.heapBytes, z });
    print(String(Math.round(calls)), bytes(ofEngine.heapBytes), bytes(ofApplication.heapBytes), String(z));
  }
  return { engine: slopeOf(engine), application: slopeOf(application) };
}

const bytes = (n: number): string => `${Math.round(n)} bytes`;
