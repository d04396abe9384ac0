import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { MediaLeg } from '../../server/call/ports.ts';
import { analyseTone } from '../../server/media/listen/tone.ts';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { readWav } from '../../server/media/listen/wav.ts';
import { spawnEngine } from '../../server/media/engine-thread.ts';
import { WorkerMedia } from '../../server/media/worker-media.ts';
import type { WorkerMediaOptions } from '../../server/media/worker-media.ts';
import { nextCallId, nextLegId, startMedia, TEST_PORTS } from './support/media-fixture.ts';
import type { MediaFixture } from './support/media-fixture.ts';
import { RtpPeer, until, wait } from './support/rtp-peer.ts';

describe('WorkerMedia', () => {
  let fixture: MediaFixture | undefined;
  const peers: RtpPeer[] = [];
  const workers: Worker[] = [];

  const start = async (options: Partial<WorkerMediaOptions> = {}): Promise<MediaFixture> => {
    fixture = await startMedia({
      spawnEngine: () => {
        const worker = spawnEngine();
        workers.push(worker);
        return worker;
      },
      ...options,
    });
    return fixture;
  };

  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.close();
    await fixture?.close();
    fixture = undefined;
    workers.length = 0;
  });

  const answer = async ({ media }: MediaFixture): Promise<{ peer: RtpPeer; leg: MediaLeg }> => {
    const peer = await RtpPeer.open('PCMA');
    peers.push(peer);
    const answered = await media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer: peer.sdp() });
    if (answered.kind !== 'agreed') throw new Error(answered.reason);
    peer.follow(answered.sdp);
    return { peer, leg: answered.leg };
  };

  describe('given a worker that dies', () => {
    it('fails every leg and playback with a reason, and carries calls again with a new worker', async () => {
      const plane = await start();
      const { leg } = await answer(plane);
      const playback = leg.play([{ kind: 'music' }]);
      await workers[0]?.terminate();
      assert.deepEqual(await leg.failed, { reason: 'media-worker-died' });
      assert.equal(await playback.done, 'failed');
      await leg.close();
      assert.equal(plane.faults[0]?.code, 'media.worker-died');
      const { peer, leg: next } = await answer(plane);
      next.play([{ kind: 'prompt', language: 'fr', id: 'a500' }]);
      await until(() => peer.packets.length > 10, 'audio from the new worker');
      assert.equal((await plane.media.stats()).restarts, 1);
    });

    it('refuses what was under way with a fault that may be tried again', async () => {
      const plane = await start();
      // More than a worker can answer before it notices that it is ended.
      const asked = Promise.allSettled(Array.from({ length: 1_000 }, () => plane.media.stats()));
      const ended = workers[0]?.terminate();
      const refused = (await asked).flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
      assert.ok(refused.length > 0);
      for (const cause of refused) assert.throws(() => { throw cause; }, { code: 'media.worker-died', retryable: true });
      await ended;
    });
  });

  it('never resolves `failed` on close, and ends playbacks as stopped', async () => {
    const plane = await start();
    const { leg } = await answer(plane);
    const playback = leg.play([{ kind: 'music' }]);
    let hasFailed = false;
    void leg.failed.then(() => { hasFailed = true; });
    await leg.close();
    assert.equal(await playback.done, 'stopped');
    assert.equal(await leg.play([{ kind: 'music' }]).done, 'stopped');
    await plane.media.close();
    assert.equal(hasFailed, false);
  });

  it('fails a bridged leg whose packets stay away, but not one that is held or alone', async () => {
    const plane = await start({ mediaTimeoutMs: 400 });
    const [carol, alice, dave] = [await answer(plane), await answer(plane), await answer(plane)];
    const held = await alice.leg.reoffer(alice.peer.sdp({ direction: 'recvonly' }));
    assert.equal(held.kind, 'agreed');
    plane.media.setHears(carol.leg, alice.leg, 1);
    plane.media.setHears(alice.leg, carol.leg, 1);
    const failures: string[] = [];
    for (const [name, { leg }] of [['alice', alice], ['dave', dave]] as const) void leg.failed.then(() => failures.push(name));
    assert.deepEqual(await carol.leg.failed, { reason: 'media-timeout' });
    await wait(1_200);
    assert.deepEqual(failures, []);
  });

  it('records what a leg receives as a file that can be played', async () => {
    const plane = await start();
    const { peer, leg } = await answer(plane);
    peer.startTone(440);
    await wait(200);
    const path = join(plane.directory, 'heard.wav');
    const recording = await plane.media.record(leg, path);
    await wait(1_250);
    const soFar = await readWav(path);
    assert.ok(soFar.samples.length >= 8_000, 'what was written is playable while the recording runs');
    await recording.stop();
    await recording.stop();
    const { samples, sampleRate } = await readWav(path);
    assert.equal(sampleRate, 8_000);
    assert.ok(Math.abs(samples.length / 8 - 1_250) < 150, `${samples.length / 8} ms`);
    const voice = samples.subarray(1_600);
    assert.ok(analyseTone(voice, 440).share > 0.98);
    assert.deepEqual(silentGaps(voice), []);
  });

  it('finishes the recordings of a leg that is closed', async () => {
    const plane = await start();
    const { peer, leg } = await answer(plane);
    peer.startTone(440);
    const path = join(plane.directory, 'cut.wav');
    const recording = await plane.media.record(leg, path);
    await wait(300);
    await leg.close();
    assert.ok((await readWav(path)).samples.length > 1_600);
    await recording.stop();
    await assert.rejects(plane.media.record(leg, path), { code: 'media.no-leg' });
  });

  it('refuses a second leg of one id, and a recording that cannot be written', async () => {
    const plane = await start();
    const { leg } = await answer(plane);
    await assert.rejects(plane.media.offerLeg({ callId: nextCallId(), legId: leg.legId, kind: 'rtp' }), { code: 'media.leg-exists' });
    await assert.rejects(plane.media.record(leg, '/nowhere/at/all.wav'), { code: 'media.no-recording' });
  });

  it('says that its ports are used up, and takes calls again when one is given back', async () => {
    const plane = await start({ rtpPorts: { min: 46_100, max: 46_101 } });
    const { leg } = await answer(plane);
    const request = { callId: nextCallId(), kind: 'rtp' } as const;
    await assert.rejects(plane.media.offerLeg({ ...request, legId: nextLegId() }), { code: 'media.no-port', retryable: true });
    await leg.close();
    const { leg: next } = await plane.media.offerLeg({ ...request, legId: nextLegId() });
    await next.close();
  });

  it('announces another address than it binds, to telephones and to browsers', async () => {
    const plane = await start({ announcedHost: '203.0.113.9' });
    for (const kind of ['rtp', 'webrtc'] as const) {
      const { leg, sdp } = await plane.media.offerLeg({ callId: nextCallId(), legId: nextLegId(), kind });
      assert.match(sdp, kind === 'rtp' ? /^c=IN IP4 203\.0\.113\.9\r$/m : /^a=candidate:.* 203\.0\.113\.9 \d+ typ host/m);
      assert.equal(sdp.includes('127.0.0.1'), false);
      await leg.close();
    }
  });

  it('does not start on an address that is not its own', async () => {
    await assert.rejects(WorkerMedia.start({ host: '203.0.113.9', rtpPorts: TEST_PORTS, promptsDirectory: '/nowhere' }), { code: 'media.no-socket' });
  });
});
