import { describeError } from './base/app-error.ts';
import { startAllo } from './allo.ts';
import { isComplete, readConfig } from './config.ts';
import { preflight } from './preflight.ts';
import { banner } from './start/banner.ts';
import { reportStrayFaults } from './start/stray-faults.ts';

/** Starts one node from the environment: says all that is wrong, one line each, or where to go. */
async function main(): Promise<void> {
  const reading = readConfig(process.env);
  const faults = [...reading.faults, ...await preflight(reading.values)];
  if (faults.length > 0 || !isComplete(reading)) return fail(faults);
  try {
    const allo = await startAllo(reading.values);
    reportStrayFaults(process, allo.reportFault);
    stopOnSignals(() => allo.stop());
    console.log(banner(allo.bannerFacts));
  } catch (cause) {
    fail([describeError(cause)]);
  }
}

function fail(faults: readonly string[]): void {
  for (const fault of faults) console.error(`allo: ${fault}`);
  process.exitCode = 1;
}

/** Ctrl-C drains; a second one stops at once (calls in progress are then closed as interrupted at the next start). */
function stopOnSignals(stop: () => Promise<number>): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    console.log(`allo: ${signal}, draining (new calls get 503)`);
    stop().then(
      (ended) => {
        console.log(ended === 0 ? 'allo: stopped' : `allo: stopped; ${ended} calls were still running and were ended`);
        process.exit(0);
      },
      (cause: unknown) => {
        console.error(`allo: ${describeError(cause)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

await main();
