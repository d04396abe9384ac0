import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../server/base/app-error.ts';
import { Ledger } from '../../server/interaction/ledger/ledger.ts';
import { withDirectory } from './fixtures.ts';

const CHILD = fileURLToPath(new URL('append-until-killed.ts', import.meta.url));

/** Lets a child append until so many are acknowledged, then kills it with no warning. */
async function appendAndKill(directory: string, acknowledgements: number): Promise<ReadonlyMap<number, number>> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, directory, '4096'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged = new Map<number, number>();
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const [number = 0, position = 0] = line.split(':').map(Number);
    acknowledged.set(number, position);
    if (acknowledged.size === acknowledgements) child.kill('SIGKILL');
  }
  await closed;
  assert.equal(child.signalCode, 'SIGKILL');
  return acknowledged;
}

describe('Ledger, given a process killed in the middle of its appends', () => {
  it('has everything that was acknowledged, at its position, after each of several crashes', async function () {
    this.timeout(60_000);
    await withDirectory(async (directory) => {
      const acknowledged = new Map<number, number>();
      for (const after of [1, 37, 400, 1500]) {
        for (const [number, position] of await appendAndKill(directory, after)) acknowledged.set(number, position);
        const ledger = await Ledger.open({
          directory, onFault: (cause) => assert.ok(cause instanceof AppError && cause.code === 'ledger.torn-tail', String(cause)),
        });
        const found = new Map<number, number>();
        for await (const { position, event } of ledger.read()) {
          assert.ok('seq' in event);
          assert.ok(!found.has(event.seq), `${event.seq} is there twice`);
          found.set(event.seq, position);
          assert.equal(position, found.size);
        }
        await ledger.close();
        for (const [number, position] of acknowledged) assert.equal(found.get(number), position, `event ${number}`);
      }
    });
  });
});
