import assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import { systemClock } from '../../../server/base/time.ts';
import type { ActiveRecording, MediaLeg, RecordingRequest } from '../../../server/call/ports.ts';
import { spawnEngine } from '../../../server/media/engine-thread.ts';
import { analyseTone, levelDbfs, SILENCE_DBFS } from '../../../server/media/listen/tone.ts';
import { silentGaps } from '../../../server/media/listen/silent-gaps.ts';
import { checksumOf } from '../../../server/media/recorder/close-interrupted.ts';
import { TenantRecorder } from '../../../server/media/recorder/tenant-recorder.ts';
import { nextCallId, nextLegId, startMedia, type MediaFixture } from '../support/media-fixture.ts';
import { RtpPeer, until, wait } from '../support/rtp-peer.ts';
import { makeSine } from '../support/signals.ts';
import { ATLAS, newRecordingId, RecordingKit } from './recording-kit.ts';

interface Party {
  readonly peer: RtpPeer;
  readonly leg: MediaLeg;
}

describe('recordings of real packets', function () {
  this.timeout(30_000);
  let plane: MediaFixture;
  let kit: RecordingKit;
  let recorder: TenantRecorder;
  const parties: Party[] = [];
  const workers: Worker[] = [];
  const faults: string[] = [];

  beforeEach(async () => {
    plane = await startMedia({
      spawnEngine: () => {
        const worker = spawnEngine();
        workers.push(worker);
        return worker;
      },
    });
    kit = await RecordingKit.open();
    recorder = new TenantRecorder({ media: plane.media, keys: kit.keys, files: kit.files, clock: systemClock, onFault: (_cause, what) => faults.push(what) });
  });
  afterEach(async () => {
    for (const { peer } of parties.splice(0)) await peer.close();
    await plane.close();
    await kit.close();
    workers.length = 0;
    faults.length = 0;
  });

  const join = async (codec: 'PCMA' | 'PCMU' = 'PCMA'): Promise<Party> => {
    const peer = await RtpPeer.open(codec);
    const answered = await plane.media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer: peer.sdp() });
    if (answered.kind !== 'agreed') throw new Error(answered.reason);
    peer.follow(answered.sdp);
    const party = { peer, leg: answered.leg };
    parties.push(party);
    return party;
  };

  const bridge = (one: Party, other: Party): void => {
    plane.media.setHears(one.leg, other.leg, 1);
    plane.media.setHears(other.leg, one.leg, 1);
  };

  const record = (leg: MediaLeg, more: Partial<RecordingRequest> = {}): Promise<ActiveRecording> =>
    recorder.start({ recordingId: newRecordingId(), tenantId: ATLAS, leg, kind: 'conversation', limits: { maxLengthMs: 60_000 }, ...more });

  const levelAt = (samples: Int16Array, hz: number): number => analyseTone(samples, hz).levelDbfs;

  it('have each side\'s tone on its own channel, without a gap, with figures and checksum of the file', async () => {
    const [carol, alice] = [await join('PCMA'), await join('PCMU')];
    bridge(carol, alice);
    carol.peer.startTone(440);
    alice.peer.startTone(700);
    await until(() => carol.peer.packets.length > 20 && alice.peer.packets.length > 20, 'talk');
    const recording = await record(carol.leg);
    await wait(2_000);
    const end = await recording.stop();
    assert.equal(end.how, 'stopped');
    assert.ok(Math.abs(end.durationMs - 2_000) < 300, `${end.durationMs} ms`);
    assert.equal(end.lostMs, 0);
    assert.equal(end.checksum, await checksumOf(kit.files.pathOf(ATLAS, recording.recordingId)));
    assert.deepEqual(await recording.stop(), end);
    assert.deepEqual(await recording.ended, end);
    const { channels: [left = new Int16Array(), right = new Int16Array()] } = await kit.hear(recording.recordingId);
    for (const [side, own, others] of [[left, 440, 700], [right, 700, 440]] as const) {
      const voice = side.subarray(1_600);
      assert.ok(analyseTone(voice, own).share > 0.95, `${own} Hz has ${analyseTone(voice, own).share}`);
      assert.ok(levelAt(voice, others) < levelAt(voice, own) - 30);
      assert.deepEqual(silentGaps(voice, { minimumMs: 40 }), []);
    }
  });

  it('have both sides aligned: what both say at one moment stands within 20 ms', async () => {
    const [carol, alice] = [await join(), await join()];
    bridge(carol, alice);
    const recording = await record(carol.leg);
    const startedAt = performance.now();
    // 400 ms of silence and 100 ms of voice in turn, from both at the same moment.
    for (let i = 0; i < 150; i += 1) {
      await wait(Math.max(0, startedAt + i * 20 - performance.now()));
      const amplitude = i % 25 >= 20 ? 8_000 : 0;
      for (const [{ peer }, hz] of [[carol, 440], [alice, 700]] as const) peer.sendVoice(makeSine(hz, 20, { amplitude, startSample: i * 160 }));
    }
    await wait(200);
    await recording.stop();
    const { channels: [left = new Int16Array(), right = new Int16Array()] } = await kit.hear(recording.recordingId);
    const [onLeft, onRight] = [onsetsMs(left), onsetsMs(right)];
    assert.ok(onLeft.length >= 5, `${onLeft.length} onsets`);
    assert.equal(onLeft.length, onRight.length);
    const apart = onLeft.map((ms, i) => Math.abs(ms - (onRight[i] ?? 0))).sort((one, other) => one - other);
    const median = apart[Math.floor(apart.length / 2)] ?? Infinity;
    assert.ok(median <= 20, `${median} ms apart (${apart.join(', ')})`);
  });

  it('are silent where they were paused, to the marker, and hear a supervisor who barges in, not her whisper', async () => {
    const [carol, alice, sam] = [await join(), await join(), await join()];
    bridge(carol, alice);
    plane.media.setHears(alice.leg, sam.leg, 1);
    plane.media.setHears(sam.leg, carol.leg, 1);
    for (const [{ peer }, hz] of [[carol, 440], [alice, 700], [sam, 1_000]] as const) peer.startTone(hz);
    await until(() => parties.every(({ peer }) => peer.packets.length > 20), 'talk');
    const recording = await record(carol.leg);
    await wait(600);
    const pausedAt = await recording.setPaused(true);
    await wait(600);
    const resumedAt = await recording.setPaused(false);
    plane.media.setHears(carol.leg, sam.leg, 1);
    await wait(600);
    const { durationMs } = await recording.stop();
    const { channels: [left = new Int16Array(), right = new Int16Array()], footer } = await kit.hear(recording.recordingId);
    assert.deepEqual(footer?.markers, [{ kind: 'paused', fromMs: pausedAt, toMs: resumedAt }]);
    assert.ok(resumedAt - pausedAt >= 400 && resumedAt < durationMs);
    for (const side of [left, right]) assert.equal(levelDbfs(side.subarray(pausedAt * 8, resumedAt * 8)), SILENCE_DBFS);
    const before = right.subarray(1_600, pausedAt * 8);
    const after = right.subarray(resumedAt * 8 + 1_600);
    assert.ok(levelAt(before, 700) > -20 && levelAt(before, 1_000) < -50, 'the whisper');
    assert.ok(levelAt(after, 700) > -20 && levelAt(after, 1_000) > -20, 'the barge-in');
    assert.ok(levelAt(left.subarray(1_600, pausedAt * 8), 440) > -20);
  });

  it('end with their leg, whole', async () => {
    const carol = await join();
    carol.peer.startTone(440);
    const recording = await record(carol.leg, { kind: 'message' });
    await wait(500);
    await carol.leg.close();
    const end = await recording.ended;
    assert.equal(end.how, 'leg-closed');
    await assert.rejects(recording.setPaused(true), { code: 'media.recording-over' });
    const { channels, footer } = await kit.hear(recording.recordingId);
    assert.equal(channels.length, 1);
    assert.equal(footer?.how, 'leg-closed');
  });

  it('are finished before the media plane has closed', async () => {
    const carol = await join();
    const recording = await record(carol.leg);
    await wait(200);
    await plane.media.close();
    assert.equal((await recording.ended).how, 'leg-closed');
    assert.equal((await kit.hear(recording.recordingId)).footer?.how, 'leg-closed');
  });

  it('are closed with what can be played when the worker dies', async () => {
    const [carol, alice] = [await join(), await join()];
    bridge(carol, alice);
    carol.peer.startTone(440);
    const recording = await record(carol.leg);
    await wait(1_000);
    await recording.setPaused(true);
    await wait(1_500);
    await workers[0]?.terminate();
    const end = await recording.ended;
    assert.deepEqual([end.how, end.reason], ['interrupted', 'media-worker-died']);
    assert.ok(end.durationMs >= 1_000 && end.durationMs % 1_000 === 0, `${end.durationMs} ms`);
    assert.equal(end.checksum, await checksumOf(kit.files.pathOf(ATLAS, recording.recordingId)));
    const { channels: [left = new Int16Array()], footer } = await kit.hear(recording.recordingId);
    assert.ok(levelAt(left.subarray(1_600, 7_200), 440) > -20);
    assert.deepEqual(footer?.markers.map(({ kind }) => kind), ['paused']);
    assert.deepEqual(await recording.stop(), end);
  });

  it('cannot be begun on a leg that is gone, nor twice under one id', async () => {
    const carol = await join();
    const recordingId = newRecordingId();
    const recording = await record(carol.leg, { recordingId });
    await assert.rejects(record(carol.leg, { recordingId }), { code: 'media.recording-exists' });
    assert.equal((await recording.stop()).how, 'stopped');
    await assert.rejects(record(carol.leg, { recordingId }), { code: 'media.no-recording' });
    await carol.leg.close();
    const another = newRecordingId();
    await assert.rejects(record(carol.leg, { recordingId: another }), { code: 'media.no-leg' });
    await assert.rejects(record(carol.leg, { recordingId: another }), { code: 'media.no-recording' }, 'it does not run, and its name is taken');
  });
});

/** Where voice begins after silence, in milliseconds. */
function onsetsMs(samples: Int16Array): readonly number[] {
  const onsets: number[] = [];
  let quiet = 0;
  for (let at = 0; at < samples.length; at += 40) {
    if (levelDbfs(samples.subarray(at, at + 40)) > -30) {
      if (quiet >= 20) onsets.push(at / 8);
      quiet = 0;
    } else {
      quiet += 1;
    }
  }
  return onsets;
}
