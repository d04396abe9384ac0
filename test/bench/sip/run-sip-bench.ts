import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { describePercentiles } from '../percentiles.ts';
import { freePort, startSipp } from '../../support/sipp.ts';
import { writeScenario } from '../../calls/sipp-scenario.ts';
import { offer, type Measured } from './caller.ts';
import { BenchChild } from './child.ts';
import { CALLEE } from './scenarios.ts';

const RATES = [100, 200, 400, 800];
const SECONDS = 20;
const SOAK_CALLS = 60_000;
const SOAK_RATE = 400;
/** After this long no transaction of an ended call is left: timers J and H are 32 s (RFC 3261 §17). */
const QUIET_MS = 40_000;

/** The engine in one process, an application in another: each share can be told. */
interface Pair {
  readonly sipPort: number;
  readonly engine: BenchChild;
  readonly application: BenchChild;
}

async function startPair(kind: 'uas' | 'b2bua', target = ''): Promise<Pair> {
  const [sipPort, adminPort] = [await freePort(), await freePort()];
  const engine = await BenchChild.start('./engine-process.ts', [String(sipPort), String(adminPort)]);
  const application = await BenchChild.start('./application-process.ts', [String(adminPort), kind, target]);
  return { sipPort, engine, application };
}

async function stopPair({ engine, application }: Pair): Promise<void> {
  await application.stop();
  await engine.stop();
}

const perUnit = (ms: number, count: number): string => `${(ms / count).toFixed(2)} ms`;

/** Offers one load and prints CPU per unit of both processes, and what the caller saw. */
async function measure(pair: Pair, what: string, load: { kind: 'call' | 'ringing' | 'options'; rate: number; count: number }): Promise<void> {
  const before = [await pair.engine.figures(), await pair.application.figures()] as const;
  const measured = await offer({ remote: `127.0.0.1:${pair.sipPort}`, ...load });
  const after = [await pair.engine.figures(), await pair.application.figures()] as const;
  const [engineMs, applicationMs] = [after[0].cpuMs - before[0].cpuMs, after[1].cpuMs - before[1].cpuMs];
  console.log(`${what} at ${load.rate}/s: CPU ${perUnit(engineMs + applicationMs, load.count)} (engine ${perUnit(engineMs, load.count)}, application ${perUnit(applicationMs, load.count)}); ${describe(measured)}`);
}

const describe = ({ failed, times }: Measured): string => `failed ${failed}; ${describePercentiles(times)}`;

/** What the generator can do at all: SIPp against itself. */
async function ceiling(): Promise<void> {
  const scenario = await writeScenario('callee', CALLEE);
  for (const rate of RATES) {
    const callee = await startSipp({ scenario: scenario.path, calls: rate * SECONDS, timeoutMs: (SECONDS + 60) * 1000, args: ['-l', '100000'], keepIn: '/tmp' });
    console.log(`SIPp against itself at ${rate}/s: ${describe(await offer({ remote: `127.0.0.1:${callee.port}`, kind: 'call', rate, count: rate * SECONDS }))}`);
    await callee.stop();
  }
  await scenario.remove();
}

async function uas(): Promise<void> {
  const pair = await startPair('uas');
  try {
    await offer({ remote: `127.0.0.1:${pair.sipPort}`, kind: 'call', rate: 200, count: 2000 });
    for (const rate of RATES) await measure(pair, 'UAS answer and hang up', { kind: 'call', rate, count: rate * SECONDS });
    await measure(pair, 'UAS, INVITE to 180', { kind: 'ringing', rate: 200, count: 200 * SECONDS });
    await measure(pair, 'OPTIONS', { kind: 'options', rate: 400, count: 400 * SECONDS });
  } finally {
    await stopPair(pair);
  }
}

async function b2bua(): Promise<void> {
  const scenario = await writeScenario('callee', CALLEE);
  for (const rate of [100, 200, 400]) {
    const callee = await startSipp({ scenario: scenario.path, calls: rate * SECONDS, timeoutMs: (SECONDS + 60) * 1000, args: ['-l', '100000'], keepIn: '/tmp' });
    const pair = await startPair('b2bua', `sip:callee@127.0.0.1:${callee.port}`);
    try {
      await measure(pair, 'B2BUA', { kind: 'call', rate, count: rate * SECONDS });
    } finally {
      await stopPair(pair);
      await callee.stop();
    }
  }
  await scenario.remove();
}

/** Sixty thousand calls, then quiet: nothing may be left, and memory must not have grown. */
async function soak(): Promise<void> {
  const pair = await startPair('uas');
  try {
    const warm = await offer({ remote: `127.0.0.1:${pair.sipPort}`, kind: 'call', rate: SOAK_RATE, count: 5000 });
    const before = await pair.engine.figures();
    const measured = await offer({ remote: `127.0.0.1:${pair.sipPort}`, kind: 'call', rate: SOAK_RATE, count: SOAK_CALLS });
    await new Promise((resolve) => { setTimeout(resolve, QUIET_MS); });
    const after = await pair.engine.figures();
    console.log(`soak of ${SOAK_CALLS} calls at ${SOAK_RATE}/s: failed ${measured.failed + warm.failed}; engine RSS ${before.rssKib} KiB before, ${after.rssKib} KiB after; left: ${await pair.engine.ask()}`);
  } finally {
    await stopPair(pair);
  }
}

/** `npm run bench:sip [ceiling|uas|b2bua|soak …]`: the figures of the SIP engine; all parts when none is named. */
async function runSipBench(parts: readonly string[]): Promise<void> {
  const processors = cpus();
  console.log(`machine: ${processors.length} × ${processors[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`);
  console.log(`commit: ${execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim()}`);
  const all = { ceiling, uas, b2bua, soak };
  for (const [name, part] of Object.entries(all)) if (parts.length === 0 || parts.includes(name)) await part();
}

await runSipBench(process.argv.slice(2));
