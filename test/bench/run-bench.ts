import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { runCentre } from '../support/running-centre.ts';
import { measureAnswerTimes } from './answer-time.ts';
import { describePercentiles } from './percentiles.ts';
import { measurePopLeadTimes } from './pop-lead-time.ts';

const RATE = 50;
const SECONDS = 60;
const POP_CALLS = 40;

/** `npm run bench`: the figures of `docs/benchmarks.md`, on this machine and this commit. */
async function runBench(): Promise<void> {
  const processors = cpus();
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  console.log(`machine: ${processors.length} × ${processors[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`);
  console.log(`commit: ${commit}`);
  const centre = await runCentre({ ALLO_MAX_CALLS: '2000' });
  try {
    const before = process.cpuUsage();
    const answer = await measureAnswerTimes(centre, RATE, SECONDS);
    const used = process.cpuUsage(before);
    console.log(`INVITE to 200 of the IVR, ${RATE} calls per second for ${SECONDS} s: ${describePercentiles(answer.times)}; failed calls: ${answer.failedCalls}`);
    console.log(`CPU of this process, media worker included: ${((used.user + used.system) / 1000 / answer.times.count).toFixed(2)} ms per call`);
    console.log(`pop lead time, ${POP_CALLS} calls: ${describePercentiles(await measurePopLeadTimes(centre, POP_CALLS))}`);
  } finally {
    await centre.stop();
  }
}

await runBench();
