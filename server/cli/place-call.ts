import { describeError } from '../base/app-error.ts';
import { parseCallArguments, USAGE } from './call/parse-args.ts';
import { placeCall, type ExitCode } from './call/telephone-call.ts';

/** `npm run call`: places a telephone call from the command line. */
async function main(argv: readonly string[]): Promise<ExitCode> {
  const asked = parseCallArguments(argv);
  switch (asked.kind) {
    case 'help':
      console.log(USAGE);
      return 0;
    case 'wrong':
      console.error([...asked.problems.map((problem) => `call: ${problem}`), '', USAGE].join('\n'));
      return 2;
    case 'call': {
      const interrupted = new AbortController();
      const onInterrupt = (): void => interrupted.abort();
      process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
      return placeCall(asked.request, { print: (line) => console.log(line), signal: interrupted.signal });
    }
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  console.error(`call: ${describeError(cause)}`);
  process.exitCode = 1;
}
