import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RecordingOrder } from '../../../server/media/engine/protocol.ts';
import { levelDbfs, SILENCE_DBFS } from '../../../server/media/listen/tone.ts';
import type { EngineRecordings } from '../../../server/media/recorder/engine-recordings.ts';
import { MAX_WAITING_CHUNKS, SealedWriter } from '../../../server/media/recorder/sealed-writer.ts';
import { VirtualBridge, type VirtualParty } from '../support/fake-link.ts';
import { makeSine } from '../support/signals.ts';
import { HandFile } from './hand-file.ts';
import { RecordingKit } from './recording-kit.ts';

describe('a recording on a slow disk', () => {
  let kit: RecordingKit;
  let bridge: VirtualBridge;
  let carol: VirtualParty;
  let file: HandFile;
  let recordings: EngineRecordings;
  let order: RecordingOrder;
  let spoken = 0;
  beforeEach(async () => {
    kit = await RecordingKit.open();
    bridge = new VirtualBridge();
    carol = bridge.join('PCMA');
    file = new HandFile();
    recordings = kit.recordingsOf(bridge, async () => file);
    order = await kit.order(carol.leg, { kind: 'message' });
    await recordings.start(order);
    spoken = 0;
  });
  afterEach(() => kit.close());

  const speak = (seconds: number): void => {
    for (let i = 0; i < seconds * 50; i += 1, spoken += 1) bridge.step([[carol, makeSine(440, 20, { startSample: spoken * 160 })]]);
  };

  /** Puts what the disk has where a recording is read from. */
  const toDisk = async (): Promise<void> => {
    await mkdir(dirname(order.file.path), { recursive: true });
    await writeFile(order.file.path, file.bytes);
  };

  const faults = (): readonly string[] => kit.events.flatMap((event) => (event.type === 'fault' ? [event.fault.code] : []));

  it('loses what cannot wait, says so once while it runs and in figures at the end, and keeps the rest in its place', async () => {
    speak(2);
    file.stall();
    speak(40);
    assert.deepEqual(faults(), ['media.recording-slow']);
    file.goOn();
    await new Promise((resolve) => { setImmediate(resolve); });
    speak(3);
    await recordings.stop(order.recordingId);
    const end = await kit.ended(order.recordingId);
    assert.equal(end.how, 'stopped');
    assert.equal(end.durationMs, 45_000);
    assert.equal(end.checksum, createHash('sha256').update(file.bytes).digest('hex'));
    await toDisk();
    const { channels: [voice = new Int16Array()], footer } = await kit.hear(order.recordingId);
    const lost = footer?.markers ?? [];
    assert.equal(end.lostMs, lost.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0));
    assert.ok(end.lostMs >= (40 - MAX_WAITING_CHUNKS - 2) * 1_000 && end.lostMs <= 40_000, `${end.lostMs} ms`);
    assert.deepEqual(lost.map(({ kind }) => kind), ['lost']);
    for (let second = 1; second < 45; second += 1) {
      const isLost = lost.some(({ fromMs, toMs }) => fromMs <= second * 1_000 && second * 1_000 < toMs);
      const level = levelDbfs(voice.subarray(second * 8_000, (second + 1) * 8_000));
      assert.ok(isLost ? level === SILENCE_DBFS : level > -20, `second ${second}: ${level} dBFS`);
    }
  });

  it('ends when the disk refuses, at once, with a fault, and takes no more', async () => {
    speak(2);
    file.fault = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    speak(3);
    const end = await kit.ended(order.recordingId);
    assert.deepEqual([end.how, end.reason, end.checksum], ['failed', 'disk-refused', undefined]);
    assert.deepEqual(faults(), ['media.recording-failed']);
    assert.equal(file.isClosed, true);
    assert.equal(recordings.count, 0);
  });

  it('is on the disk when it is said to be whole', async () => {
    speak(1);
    await recordings.stop(order.recordingId);
    assert.deepEqual([file.isSynced, file.isClosed], [true, true]);
  });
});

/** Bytes in buffers that somebody still holds. */
async function usedBuffers(): Promise<number> {
  setFlagsFromString('--expose-gc');
  // A cast because a script has no types.
  const collect = runInNewContext('gc') as () => void;
  collect();
  // What a buffer holds is given back in a later turn of the loop.
  await new Promise((resolve) => { setImmediate(resolve); });
  collect();
  return process.memoryUsage().arrayBuffers;
}

describe('SealedWriter', () => {
  it('keeps no more than ten seconds in memory on a disk that stands still for an hour', async () => {
    const file = new HandFile();
    file.stall();
    const chunkBytes = 32_000;
    const writer = new SealedWriter({ sink: file, header: Buffer.alloc(128), key: Buffer.alloc(32), chunkBytes, onFailed: (cause) => assert.fail(String(cause)) });
    const before = await usedBuffers();
    let taken = 0;
    for (let second = 0; second < 3_600; second += 1) if (writer.append(new Uint8Array(chunkBytes))) taken += 1;
    assert.equal(taken, MAX_WAITING_CHUNKS);
    const kept = await usedBuffers() - before;
    assert.ok(kept < (MAX_WAITING_CHUNKS + 5) * chunkBytes, `${kept} bytes are kept`);
    file.goOn();
    const { bytes } = await writer.finish(new Uint8Array(7), () => new Uint8Array(3));
    assert.equal(bytes, 128 + 3_600 * (chunkBytes + 16) + 7 + 16 + 3);
    assert.equal(file.length, bytes);
  });
});
