import assert from 'node:assert/strict';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { checksumOf } from '../../../server/media/recorder/close-interrupted.ts';
import { HEADER_BYTES } from '../../../server/media/recorder/recording-header.ts';
import { analyseTone } from '../../../server/media/listen/tone.ts';
import { ATLAS, newRecordingId, RecordingKit } from './recording-kit.ts';
import { writeRecording, type WrittenRecording } from './write-recording.ts';

const CHUNK = 32_000 + 16;
const INTERRUPTED = { how: 'interrupted', pauses: [] } as const;

describe('closeInterrupted', () => {
  let kit: RecordingKit;
  let written: WrittenRecording;
  beforeEach(async () => {
    kit = await RecordingKit.open();
    written = await writeRecording(kit, 4_500);
  });
  afterEach(() => kit.close());

  const close = (options: Parameters<RecordingKit['files']['closeInterrupted']>[2] = INTERRUPTED) => kit.files.closeInterrupted(ATLAS, written.recordingId, options);

  for (const [what, length] of [
    ['in the middle of a chunk', HEADER_BYTES + 2 * CHUNK + 20_000], ['between two chunks', HEADER_BYTES + 2 * CHUNK], ['a byte before the end of a chunk', HEADER_BYTES + 3 * CHUNK - 1],
  ] as const) {
    it(`keeps every whole chunk of a file that ends ${what}, and seals it`, async () => {
      await truncate(written.path, length);
      const end = await close();
      assert.deepEqual([end.how, end.durationMs, end.reason], ['interrupted', 2_000, undefined]);
      assert.equal(end.checksum, await checksumOf(written.path));
      assert.equal(end.bytes, (await readFile(written.path)).length);
      const { channels: [left = new Int16Array(), right = new Int16Array()], footer } = await kit.hear(written.recordingId);
      assert.equal(left.length, 16_000);
      assert.ok(analyseTone(left, 440).share > 0.99 && analyseTone(right, 700).share > 0.99);
      assert.equal(footer?.how, 'interrupted');
      assert.equal(footer?.peaks.channels[0]?.length, 100);
    });
  }

  it('says the same when it is run again, killed before or after', async () => {
    await truncate(written.path, HEADER_BYTES + 2 * CHUNK + 5);
    const first = await close();
    assert.deepEqual(await close(), first);
    await truncate(written.path, first.bytes - 3);
    const { checksum, ...again } = await close();
    const { checksum: before, ...rest } = first;
    assert.deepEqual(again, rest);
    assert.notEqual(checksum, before, 'the footer is sealed anew under another nonce');
  });

  it('leaves a file that is whole as it is, and tells its own end', async () => {
    const before = await readFile(written.path);
    const end = await close();
    assert.deepEqual(end, { how: 'stopped', durationMs: 4_500, bytes: written.bytes, checksum: written.checksum, lostMs: 0 });
    assert.ok((await readFile(written.path)).equals(before));
  });

  it('puts the pauses of the ledger into the footer, up to what there is', async () => {
    await truncate(written.path, HEADER_BYTES + 3 * CHUNK);
    await close({ how: 'interrupted', pauses: [{ fromMs: 500, toMs: 900 }, { fromMs: 2_000 }] });
    assert.deepEqual((await kit.hear(written.recordingId)).footer?.markers, [{ kind: 'paused', fromMs: 500, toMs: 900 }, { kind: 'paused', fromMs: 2_000, toMs: 3_000 }]);
  });

  it('cuts nothing off a file that is damaged in the middle, and says so', async () => {
    const file = (await readFile(written.path)).subarray(0, HEADER_BYTES + 4 * CHUNK);
    for (const at of [HEADER_BYTES + 10, HEADER_BYTES + CHUNK + 10]) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await writeFile(written.path, changed);
      const end = await close();
      assert.deepEqual([end.reason, end.checksum], ['damaged', undefined]);
      assert.ok((await readFile(written.path)).equals(changed));
    }
  });

  it('says that there is nothing to play where there is no file, no header or no chunk', async () => {
    assert.deepEqual(await kit.files.closeInterrupted(ATLAS, newRecordingId(), INTERRUPTED), { how: 'interrupted', durationMs: 0, bytes: 0, lostMs: 0, reason: 'no-file' });
    await truncate(written.path, HEADER_BYTES + 100);
    const { durationMs, reason } = await close();
    assert.deepEqual([durationMs, reason], [0, undefined]);
    await truncate(written.path, 40);
    assert.deepEqual(await close(), { how: 'interrupted', durationMs: 0, bytes: 40, lostMs: 0, reason: 'damaged' });
  });
});
