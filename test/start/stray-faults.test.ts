import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MODULE = fileURLToPath(new URL('../../server/start/stray-faults.ts', import.meta.url));

/** A process in which a promise is rejected and nobody looks; 50 ms later it ends by itself, if it still lives. */
const PROGRAM = (guard: string): string => `
  import { reportStrayFaults } from ${JSON.stringify(MODULE)};
  ${guard}
  setTimeout(() => { void Promise.reject(new Error('nobody looked')); }, 0);
  setTimeout(() => { process.exit(7); }, 50);
`;

describe('a promise that is rejected and nobody looks', function () {
  this.timeout(20_000);

  const run = async (guard: string): Promise<{ readonly code: unknown; readonly said: string }> => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PROGRAM(guard)], { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => { said += chunk.toString(); });
    const [code] = await once(child, 'close') as [unknown];
    return { code, said };
  };

  it('is reported, and the process goes on', async () => {
    const { code, said } = await run("reportStrayFaults(process, (cause, what) => console.log(what + ': ' + cause.message));");
    assert.equal(code, 7);
    assert.match(said, /nobody looked: nobody looked/);
  });

  it('ends the process again once nobody listens any more', async () => {
    assert.equal((await run('reportStrayFaults(process, () => undefined)();')).code, 1);
  });
});
