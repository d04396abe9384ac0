import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { AppError } from '../../server/base/app-error.ts';
import { openReadOnly } from '../../server/interaction/ledger/reader.ts';
import { Ledger } from '../../server/interaction/ledger/ledger.ts';
import { segmentName, SEGMENT_MAGIC } from '../../server/interaction/ledger/segment.ts';
import { RECORD_HEADER_BYTES } from '../../server/interaction/ledger/record.ts';
import { numbered, withDirectory } from './fixtures.ts';

const FILE = segmentName(1);

interface Written {
  readonly bytes: Buffer;
  /** Offset behind each record, and before it whether it ended a window. */
  readonly ends: readonly number[];
}

/** Writes windows of so many events; texts make their lengths differ and contain what looks like structure. */
async function write(directory: string, windows: readonly (readonly string[])[]): Promise<Written> {
  const ledger = await Ledger.open({ directory });
  let number = 0;
  for (const window of windows) {
    await Promise.all(window.map((text) => {
      number += 1;
      return ledger.append(numbered(number, text));
    }));
  }
  await ledger.close();
  const bytes = await readFile(join(directory, FILE));
  const ends: number[] = [];
  for (let offset = SEGMENT_MAGIC.length; offset < bytes.length;) {
    offset += RECORD_HEADER_BYTES + (bytes.readUInt32BE(offset + 4) & 0x7fff_ffff);
    ends.push(offset);
  }
  return { bytes, ends };
}

async function reopen(directory: string): Promise<{ readonly seqs: readonly number[]; readonly faults: readonly string[]; readonly next: number }> {
  const faults: string[] = [];
  const ledger = await Ledger.open({ directory, onFault: (cause) => faults.push(cause instanceof AppError ? cause.code : String(cause)) });
  const next = await ledger.append(numbered(999));
  const seqs: number[] = [];
  for await (const { event } of ledger.read()) if ('seq' in event) seqs.push(event.seq);
  await ledger.close();
  return { seqs, faults, next };
}

const texts = fc.array(fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

describe('Ledger, given a file cut short', () => {
  it('keeps every whole record before the cut, whichever byte it is at, says so, and goes on', async function () {
    this.timeout(60_000);
    await fc.assert(fc.asyncProperty(texts, async (windows) => withDirectory(async (root) => {
      await mkdir(join(root, 'whole'));
      const { bytes, ends } = await write(join(root, 'whole'), windows);
      const directory = join(root, 'cut');
      await mkdir(directory);
      for (let length = 0; length < bytes.length; length += 1) {
        await copyFile(join(root, 'whole', FILE), join(directory, FILE));
        await truncate(join(directory, FILE), length);
        const whole = ends.filter((end) => end <= length).length;
        const { seqs, faults, next } = await reopen(directory);
        assert.equal(next, whole + 1);
        assert.deepEqual(seqs, [...Array.from({ length: whole }, (_, index) => index + 1), 999]);
        const isBoundary = length === 0 || length === SEGMENT_MAGIC.length || ends.includes(length);
        assert.deepEqual(faults, isBoundary ? [] : ['ledger.torn-tail']);
      }
    })), { numRuns: 3 });
  });

  it('cuts a last window whose blocks reached the disk in any order', () => fc.assert(fc.asyncProperty(
    texts.filter((windows) => windows.length > 1), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 50 }),
    async (windows, pick, noise) => withDirectory(async (directory) => {
      const { bytes, ends } = await write(directory, windows);
      const acknowledged = windows.slice(0, -1).flat().length;
      const from = ends[acknowledged - 1] ?? 0;
      const at = from + pick % (bytes.length - from);
      // Something else than was written stands in the last window, and the file may end in noise.
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x55, at);
      await writeFile(join(directory, FILE), Buffer.concat([bytes, noise]));
      const { seqs, faults } = await reopen(directory);
      assert.deepEqual(seqs.slice(0, acknowledged), Array.from({ length: acknowledged }, (_, index) => index + 1));
      assert.equal(seqs.at(-1), 999);
      assert.deepEqual(faults, ['ledger.torn-tail']);
    }),
  ), { numRuns: 30 }));

  it('never takes damage in an acknowledged window for a torn tail', () => fc.assert(fc.asyncProperty(
    texts.filter((windows) => windows.length > 1), fc.nat(),
    async (windows, pick) => withDirectory(async (directory) => {
      const { bytes, ends } = await write(directory, windows);
      const acknowledged = ends[windows.slice(0, -1).flat().length - 1] ?? 0;
      const at = SEGMENT_MAGIC.length + pick % (acknowledged - SEGMENT_MAGIC.length);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x55, at);
      await writeFile(join(directory, FILE), bytes);
      await assert.rejects(Ledger.open({ directory }), (thrown: unknown) => thrown instanceof AppError && thrown.code === 'ledger.corrupt');
    }),
  ), { numRuns: 100 }));

  it('is read without being changed by a tool beside it', () => withDirectory(async (directory) => {
    const { bytes, ends } = await write(directory, [['a', 'b'], ['c']]);
    await truncate(join(directory, FILE), bytes.length - 3);
    const { tornBytes, records } = await openReadOnly(directory);
    const positions: number[] = [];
    for await (const { position } of records()) positions.push(position);
    assert.deepEqual(positions, [1, 2]);
    assert.equal(tornBytes, bytes.length - 3 - (ends[1] ?? 0));
    assert.equal((await readFile(join(directory, FILE))).length, bytes.length - 3);
  }));
});
