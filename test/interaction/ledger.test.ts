import assert from 'node:assert/strict';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../server/base/app-error.ts';
import { Ledger } from '../../server/interaction/ledger/ledger.ts';
import { openSegmentFile, type OpenSegmentFile } from '../../server/interaction/ledger/segment-file.ts';
import { numbered, withDirectory } from './fixtures.ts';

const codeOf = (code: string) => (thrown: unknown): boolean => thrown instanceof AppError && thrown.code === code;

async function seqs(ledger: Ledger, from = 1): Promise<number[]> {
  const found: number[] = [];
  for await (const { event, position } of ledger.read(from)) {
    assert.ok('seq' in event);
    found.push(event.seq);
    assert.equal(position, from + found.length - 1);
  }
  return found;
}

const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** A disk that counts its syncs, and fails when told to. */
function disk(): { readonly openFile: OpenSegmentFile; syncs: number; failNext: 'write' | 'sync' | 'truncate' | undefined } {
  const state = {
    syncs: 0, failNext: undefined as 'write' | 'sync' | 'truncate' | undefined,
    openFile: async (path: string) => {
      const file = await openSegmentFile(path);
      const failing = (what: 'write' | 'sync' | 'truncate'): void => {
        if (state.failNext !== what) return;
        state.failNext = undefined;
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      };
      return {
        async write(bytes: Buffer, offset: number) {
          // Half of it reaches the disk before it is full.
          if (state.failNext === 'write') await file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), offset);
          failing('write');
          await file.write(bytes, offset);
        },
        async sync() { state.syncs += 1; failing('sync'); await file.sync(); },
        async truncate(length: number) { failing('truncate'); await file.truncate(length); },
        close: () => file.close(),
      };
    },
  };
  return state;
}

describe('Ledger', () => {
  it('gives positions from 1 in the order of the appends', () => withDirectory(async (directory) => {
    const ledger = await Ledger.open({ directory });
    assert.deepEqual(await Promise.all(upTo(20).map((n) => ledger.append(numbered(n)))), upTo(20));
    assert.deepEqual(await seqs(ledger), upTo(20));
    assert.deepEqual(await seqs(ledger, 17), [17, 18, 19, 20]);
    assert.deepEqual(await seqs(ledger, 21), []);
    await ledger.close();
  }));

  it('shares one write and one sync between all appends of a tick, and of a window in flight', () => withDirectory(async (directory) => {
    const watched = disk();
    const ledger = await Ledger.open({ directory, openFile: watched.openFile });
    await Promise.all(upTo(500).map((n) => ledger.append(numbered(n))));
    assert.equal(watched.syncs, 1);
    const first = ledger.append(numbered(501));
    await Promise.resolve();
    await Promise.resolve();
    const rest = upTo(600, 502).map((n) => ledger.append(numbered(n)));
    await Promise.all([first, ...rest]);
    assert.equal(watched.syncs, 3);
    await ledger.close();
  }));

  it('finds everything again after it was closed, and goes on counting', () => withDirectory(async (directory) => {
    const first = await Ledger.open({ directory });
    await Promise.all(upTo(5).map((n) => first.append(numbered(n))));
    await first.close();
    const second = await Ledger.open({ directory, onFault: (cause) => assert.fail(String(cause)) });
    assert.equal(second.lastPosition, 5);
    assert.equal(await second.append(numbered(6)), 6);
    assert.deepEqual(await seqs(second), upTo(6));
    await second.close();
  }));

  it('begins a new segment when the last is full, and reads across them', () => withDirectory(async (directory) => {
    const ledger = await Ledger.open({ directory, segmentBytes: 1000 });
    for (const n of upTo(60)) await ledger.append(numbered(n));
    const segments = (await readdir(directory)).filter((name) => name.startsWith('segment-'));
    assert.ok(segments.length > 5, `${segments.length} segments`);
    assert.deepEqual(await seqs(ledger), upTo(60));
    assert.deepEqual(await seqs(ledger, 31), upTo(60, 31));
    await ledger.close();
    const again = await Ledger.open({ directory, segmentBytes: 1000 });
    assert.equal(again.lastPosition, 60);
    assert.equal(again.firstPosition, 1);
    await again.close();
  }));

  it('reads a record that is longer than what is read at a time', () => withDirectory(async (directory) => {
    const ledger = await Ledger.open({ directory });
    const long = 'x'.repeat(700_000);
    await Promise.all([ledger.append(numbered(1)), ledger.append(numbered(2, long)), ledger.append(numbered(3))]);
    assert.deepEqual(await seqs(ledger), [1, 2, 3]);
    await ledger.close();
  }));

  it('lets a reader follow what is appended later, across a rotation', () => withDirectory(async (directory) => {
    const ledger = await Ledger.open({ directory, segmentBytes: 300 });
    const reader = ledger.follow(1);
    assert.deepEqual(await reader.readBatch(10), []);
    for (const n of upTo(9)) {
      await ledger.append(numbered(n));
      assert.deepEqual((await reader.readBatch(10)).map(({ position }) => position), [n]);
      assert.deepEqual(await reader.readBatch(10), []);
    }
    await reader.close();
    await ledger.close();
  }));

  it('writes what waits before it closes, and takes nothing after', () => withDirectory(async (directory) => {
    const ledger = await Ledger.open({ directory });
    const last = ledger.append(numbered(1));
    await ledger.close();
    assert.equal(await last, 1);
    await assert.rejects(ledger.append(numbered(2)), codeOf('ledger.closed'));
  }));

  describe('given a full disk', () => {
    for (const what of ['write', 'sync'] as const) {
      it(`refuses the window whose ${what} failed and all behind it, and keeps nothing of them`, () => withDirectory(async (directory) => {
        const faults: string[] = [];
        const broken = disk();
        const ledger = await Ledger.open({ directory, openFile: broken.openFile, onFault: (_, what) => faults.push(what) });
        await ledger.append(numbered(1));
        broken.failNext = what;
        const inFlight = ledger.append(numbered(2));
        await Promise.resolve();
        await Promise.resolve();
        const behind = ledger.append(numbered(3));
        const outcomes = await Promise.allSettled([inFlight, behind]);
        for (const outcome of outcomes) assert.ok(outcome.status === 'rejected' && codeOf('ledger.write-failed')(outcome.reason));
        assert.equal(faults.length, 1);
        assert.equal(await ledger.append(numbered(4)), 2);
        assert.deepEqual(await seqsAnyhow(ledger), [1, 4]);
        await ledger.close();
        const again = await Ledger.open({ directory, onFault: (cause) => assert.fail(String(cause)) });
        assert.deepEqual(await seqsAnyhow(again), [1, 4]);
        await again.close();
      }));
    }

    it('writes nothing new before the remains are cut off', () => withDirectory(async (directory) => {
      const broken = disk();
      const ledger = await Ledger.open({ directory, openFile: broken.openFile });
      await ledger.append(numbered(1));
      broken.failNext = 'write';
      await assert.rejects(ledger.append(numbered(2)), codeOf('ledger.write-failed'));
      broken.failNext = 'truncate';
      await assert.rejects(ledger.append(numbered(3)), codeOf('ledger.write-failed'));
      assert.equal(await ledger.append(numbered(4)), 2);
      assert.deepEqual(await seqsAnyhow(ledger), [1, 4]);
      await ledger.close();
    }));

    it('begins properly when the very first write fails', () => withDirectory(async (directory) => {
      const broken = disk();
      const ledger = await Ledger.open({ directory, openFile: broken.openFile });
      broken.failNext = 'write';
      await assert.rejects(ledger.append(numbered(1)), codeOf('ledger.write-failed'));
      assert.equal(await ledger.append(numbered(2)), 1);
      await ledger.close();
      const again = await Ledger.open({ directory, onFault: (cause) => assert.fail(String(cause)) });
      assert.deepEqual(await seqsAnyhow(again), [2]);
      await again.close();
    }));
  });

  describe('given a damaged file', () => {
    it('names the record in the middle that had been acknowledged', () => withDirectory(async (directory) => {
      const ledger = await Ledger.open({ directory });
      for (const n of upTo(3)) await ledger.append(numbered(n));
      await ledger.close();
      const path = join(directory, 'segment-0000000000000001.log');
      const bytes = await readFile(path);
      const second = bytes.indexOf('"n2"');
      bytes.writeUInt8(bytes.readUInt8(second) ^ 1, second);
      await writeFile(path, bytes);
      await assert.rejects(Ledger.open({ directory }), (thrown: unknown) =>
        codeOf('ledger.corrupt')(thrown) && (thrown as AppError).details['position'] === 2);
    }));

    it('names a segment that lost its end', () => withDirectory(async (directory) => {
      const ledger = await Ledger.open({ directory, segmentBytes: 200 });
      for (const n of upTo(9)) await ledger.append(numbered(n));
      await ledger.close();
      const path = join(directory, 'segment-0000000000000001.log');
      await truncate(path, 8);
      const again = await Ledger.open({ directory });
      await assert.rejects(seqsAnyhow(again), codeOf('ledger.corrupt'));
      await again.close();
    }));
  });

  describe('given another ledger on the same directory', () => {
    it('refuses a second one, and lets it in when the first is closed', () => withDirectory(async (directory) => {
      const first = await Ledger.open({ directory });
      await assert.rejects(Ledger.open({ directory }), codeOf('ledger.locked'));
      await first.close();
      await (await Ledger.open({ directory })).close();
    }));

    it('takes over the lock of a process that is dead', () => withDirectory(async (directory) => {
      // Process ids end at 2^22 on Linux (proc(5), pid_max).
      await writeFile(join(directory, 'lock.1'), JSON.stringify({ pid: 2 ** 22 + 1, birth: '', token: 'gone' }));
      await (await Ledger.open({ directory })).close();
      assert.deepEqual(await readdir(directory), []);
    }));

    it('takes over the lock of a dead process whose id is used again', () => withDirectory(async (directory) => {
      await writeFile(join(directory, 'lock.1'), JSON.stringify({ pid: process.pid, birth: 'another-boot/17', token: 'gone' }));
      await (await Ledger.open({ directory })).close();
    }));

    it('lets exactly one of many in who find a stale lock together', () => withDirectory(async (directory) => {
      await writeFile(join(directory, 'lock.1'), JSON.stringify({ pid: 2 ** 22 + 1, birth: '', token: 'gone' }));
      const outcomes = await Promise.allSettled(upTo(8).map(() => Ledger.open({ directory })));
      const open = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      assert.equal(open.length, 1);
      await Promise.all(open.map((ledger) => ledger.close()));
    }));
  });

  it('says clearly that its directory cannot be made', () => withDirectory(async (directory) => {
    await writeFile(join(directory, 'file'), '');
    await assert.rejects(Ledger.open({ directory: join(directory, 'file', 'ledger') }), codeOf('ledger.unwritable'));
  }));
});

async function seqsAnyhow(ledger: Ledger): Promise<number[]> {
  const found: number[] = [];
  for await (const { event } of ledger.read()) if ('seq' in event) found.push(event.seq);
  return found;
}
