import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, truncate, writeFile, copyFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { AppError } from '../../../server/base/app-error.ts';
import { analyseTone } from '../../../server/media/listen/tone.ts';
import { decodeWav } from '../../../server/media/player/wav-file.ts';
import { ChunkCipher } from '../../../server/media/recorder/chunk-cipher.ts';
import { HEADER_BYTES } from '../../../server/media/recorder/recording-header.ts';
import { RecordingReader } from '../../../server/media/recorder/recording-reader.ts';
import { asId, type RecordingId, type TenantId } from '../../../server/model/ids.ts';
import { ATLAS, BARAKA, RecordingKit, separate } from './recording-kit.ts';
import { writeRecording } from './write-recording.ts';

const isDamaged = (thrown: unknown): boolean => thrown instanceof AppError && thrown.code === 'recording.damaged';

describe('the file of a recording', () => {
  let kit: RecordingKit;
  beforeEach(async () => { kit = await RecordingKit.open(); });
  afterEach(() => kit.close());

  /** Opens and reads everything, as a check does. @throws AppError at what was changed. */
  const readAll = async (recordingId: RecordingId, tenantId = ATLAS): Promise<Buffer> => {
    const reader = await kit.reader(recordingId, tenantId);
    try {
      if (reader.footer === undefined) throw new AppError({ code: 'recording.damaged', category: 'bug', message: 'it has no end' });
      const pieces: Buffer[] = [];
      for await (const piece of reader.read(0, reader.audioBytes)) pieces.push(piece);
      return Buffer.concat(pieces);
    } finally {
      await reader.close();
    }
  };

  it('gives back what was written, each side on its channel, and its checksum is that of the file', async () => {
    const { recordingId, path, bytes, checksum } = await writeRecording(kit, 2_340);
    const [left = new Int16Array(), right = new Int16Array()] = separate(await readAll(recordingId), 2);
    assert.equal(left.length, 2_340 * 8);
    assert.ok(analyseTone(left, 440).share > 0.99 && analyseTone(right, 700).share > 0.99);
    const file = await readFile(path);
    assert.equal(file.length, bytes);
    assert.equal(createHash('sha256').update(file).digest('hex'), checksum);
  });

  it('shows nothing of the audio, and is for its owner alone', async () => {
    const { path } = await writeRecording(kit, 1_000);
    const file = await readFile(path);
    const counts = new Array<number>(256).fill(0);
    for (const byte of file.subarray(HEADER_BYTES)) counts[byte] = (counts[byte] ?? 0) + 1;
    const mean = (file.length - HEADER_BYTES) / 256;
    // Of evenly spread bytes no count is more than six standard deviations from the mean.
    assert.ok(counts.every((count) => Math.abs(count - mean) < 6 * Math.sqrt(mean)));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(dirname(path))).mode & 0o777, 0o700);
  });

  it('is another file each time, though the same is said', async () => {
    const [one, other] = [await writeRecording(kit, 100), await writeRecording(kit, 100)];
    const [first, second] = [await readFile(one.path), await readFile(other.path)];
    let same = 0;
    for (let i = HEADER_BYTES; i < HEADER_BYTES + 3_000; i += 1) if (first[i] === second[i]) same += 1;
    assert.ok(same < 60, `${same} of 3,000 bytes are the same`);
  });

  it('does not open when any one of its bytes was changed', async () => {
    const { recordingId, path } = await writeRecording(kit, 60);
    const file = await readFile(path);
    for (let at = 0; at < file.length; at += 1) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      await writeFile(path, changed);
      await assert.rejects(readAll(recordingId), (thrown) => isDamaged(thrown) || (thrown instanceof AppError && thrown.code === 'recording.unknown-key'), `byte ${at}`);
    }
    await writeFile(path, file);
    await readAll(recordingId);
  }).timeout(60_000);

  it('does not open when it was cut off, lengthened, or its chunks were moved', async () => {
    const { recordingId, path } = await writeRecording(kit, 3_200);
    const file = await readFile(path);
    const chunk = 32_000 + 16;
    const at = (index: number): number => HEADER_BYTES + index * chunk;
    const [header, first, second, third] = [file.subarray(0, at(0)), file.subarray(at(0), at(1)), file.subarray(at(1), at(2)), file.subarray(at(2), at(3))];
    const end = file.subarray(at(3));
    for (const [what, parts] of [
      ['without its last byte', [file.subarray(0, -1)]], ['with a byte more', [file, Buffer.alloc(1)]], ['without its footer', [header, first, second, third]],
      ['without a chunk', [header, first, third, end]], ['with two chunks changed over', [header, second, first, third, end]],
      ['with a chunk twice', [header, first, first, second, third, end]], ['without its beginning', [first, second, third, end]],
      ['with something before its footer', [header, first, second, third, end.subarray(0, 6_416), Buffer.alloc(64), end.subarray(6_416)]],
    ] as const) {
      await writeFile(path, Buffer.concat([...parts]));
      await assert.rejects(readAll(recordingId), isDamaged, what);
    }
    for (let length = 0; length < file.length; length += 997) {
      await writeFile(path, file);
      await truncate(path, length);
      await assert.rejects(readAll(recordingId), isDamaged, `cut to ${length}`);
    }
  });

  it('does not take the end of another recording, though it has the same key of the tenant', async () => {
    const [one, other] = [await writeRecording(kit, 1_000), await writeRecording(kit, 1_000)];
    const [first, second] = [await readFile(one.path), await readFile(other.path)];
    await writeFile(one.path, Buffer.concat([first.subarray(0, HEADER_BYTES + 32_016), second.subarray(HEADER_BYTES + 32_016)]));
    await assert.rejects(readAll(one.recordingId), isDamaged);
  });

  it('does not take the whole of another recording in its place', async () => {
    const [one, other] = [await writeRecording(kit, 200), await writeRecording(kit, 200)];
    await copyFile(other.path, one.path);
    await assert.rejects(readAll(one.recordingId), isDamaged);
  });

  describe('given another tenant', () => {
    it('is not found under it, and not opened by its keys when it is put there', async () => {
      const { recordingId, path } = await writeRecording(kit, 200);
      await assert.rejects(kit.reader(recordingId, BARAKA), { code: 'recording.no-file' });
      const elsewhere = kit.files.pathOf(BARAKA, recordingId);
      await mkdir(dirname(elsewhere), { recursive: true });
      await copyFile(path, elsewhere);
      await assert.rejects(readAll(recordingId, BARAKA), isDamaged);
    });

    it('does not open by a key of another tenant, whatever the header is made to say', async () => {
      const { recordingId } = await writeRecording(kit, 200);
      const { key } = await kit.keys.current(BARAKA);
      await assert.rejects(RecordingReader.open({ ...kit.files.sourceOf(ATLAS, recordingId), keyOf: () => key }), isDamaged);
    });
  });

  it('opens with the key that it was made with after the tenant got a new one', async () => {
    const before = await writeRecording(kit, 200);
    await kit.keys.rotate(ATLAS);
    const after = await writeRecording(kit, 200);
    assert.equal((await readAll(before.recordingId)).length, (await readAll(after.recordingId)).length);
    const ids = await Promise.all([before, after].map(async ({ path }) => (await readFile(path)).subarray(48, 64).toString('hex')));
    assert.notEqual(ids[0], ids[1]);
  });

  it('gives the same bytes for any part as for the whole (property)', async () => {
    const { recordingId } = await writeRecording(kit, 2_540);
    const wav = await kit.files.open(ATLAS, recordingId);
    const collect = async (from: number, to: number): Promise<Buffer> => {
      const pieces: Uint8Array[] = [];
      for await (const piece of wav.read(from, to)) pieces.push(piece);
      return Buffer.concat(pieces);
    };
    const whole = await collect(0, wav.sizeBytes);
    assert.equal(whole.length, wav.sizeBytes);
    await fc.assert(fc.asyncProperty(fc.nat(wav.sizeBytes), fc.nat(wav.sizeBytes), async (one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      assert.ok((await collect(from, to)).equals(whole.subarray(from, to)), `${from} to ${to}`);
    }), { numRuns: 200 });
    await wav.close();
  });

  it('is a WAV file of two channels to whoever reads it', async () => {
    const { recordingId } = await writeRecording(kit, 500);
    const wav = await kit.files.open(ATLAS, recordingId);
    const pieces: Uint8Array[] = [];
    for await (const piece of wav.read(0, wav.sizeBytes)) pieces.push(piece);
    await wav.close();
    const bytes = Buffer.concat(pieces);
    assert.deepEqual([bytes.readUInt16LE(22), bytes.readUInt32LE(24), bytes.readUInt32LE(28), bytes.readUInt16LE(32)], [2, 8_000, 32_000, 4]);
    assert.equal(bytes.readUInt32LE(40), bytes.length - 44);
    // Our own reader plays one channel only: with the number changed it finds the samples of both.
    bytes.writeUInt16LE(1, 22);
    assert.equal(decodeWav(bytes, 'recording').samples.length, 2 * 500 * 8);
  });

  it('says how loud it is from point to point, in no more points than asked for', async () => {
    const { recordingId } = await writeRecording(kit, 40_000);
    const wav = await kit.files.open(ATLAS, recordingId);
    const { channels, durationMs } = wav.waveform(800);
    assert.equal(durationMs, 40_000);
    assert.deepEqual(channels.map((points) => points.length), [800, 800]);
    for (const [channel, amplitude] of [[0, 8_000], [1, 4_000]] as const) {
      assert.ok(channels[channel]?.every((point) => Math.abs(point - amplitude / 32_768) < 0.02));
    }
    assert.deepEqual(wav.waveform(10).channels.map((points) => points.length), [10, 10]);
    await wav.close();
  });

  it('has no place for an id that is none', () => {
    for (const id of ['', '..', '../../etc/passwd', 'a/b', `${'0'.repeat(8)}-0000-0000-0000-00000000000/`, 'x'.repeat(36)]) {
      assert.throws(() => kit.files.pathOf(ATLAS, asId<RecordingId>(id)), { code: 'recording.bad-id' });
    }
    const path = kit.files.pathOf(asId<TenantId>('../b.c/d'), asId<RecordingId>('018f0000-0000-7000-8000-000000000000'));
    assert.equal(path, `${kit.directory}/recordings/%2E%2E%2Fb%2Ec%2Fd/018f00/018f0000-0000-7000-8000-000000000000.rec`);
  });

  it('can be removed twice', async () => {
    const { recordingId } = await writeRecording(kit, 100);
    await kit.files.remove(ATLAS, recordingId);
    await kit.files.remove(ATLAS, recordingId);
    await assert.rejects(kit.files.open(ATLAS, recordingId), { code: 'recording.no-file' });
  });
});

describe('ChunkCipher', () => {
  it('opens what it sealed, only in its place and with its key (property)', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(2 ** 31), fc.nat(2 ** 31), (plain, index, other) => {
      const cipher = new ChunkCipher(randomBytes(32));
      const sealed = cipher.sealChunk(index, plain);
      assert.ok(cipher.openChunk(index, sealed).equals(plain));
      if (other !== index) assert.throws(() => cipher.openChunk(other, sealed), isDamaged);
      assert.throws(() => new ChunkCipher(randomBytes(32)).openChunk(index, sealed), isDamaged);
      assert.throws(() => cipher.openFooter(Buffer.alloc(12), sealed), isDamaged);
    }), { numRuns: 100 });
  });
});
