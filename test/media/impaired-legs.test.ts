import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { MediaLeg } from '../../server/call/ports.ts';
import type { AudioProblem, VoiceQuality } from '../../server/model/voice-quality.ts';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { analyseTone, dominantFrequency, levelDbfs } from '../../server/media/listen/tone.ts';
import { readWav } from '../../server/media/listen/wav.ts';
import type { Impairment } from './support/impaired-path.ts';
import { ImpairingRelay } from './support/impairing-relay.ts';
import { nextCallId, nextLegId, startMedia } from './support/media-fixture.ts';
import type { MediaFixture } from './support/media-fixture.ts';
import { RtpPeer, until, wait } from './support/rtp-peer.ts';
import { largestStep } from './support/signals.ts';

const TONE_HZ = 440;
const TONE_DBFS = 20 * Math.log10(8_000 / 32_768);
/** Share of the tone in pieces of 160 ms, mean: its phase may move when the delay changes. */
const shareOf = (samples: Int16Array): number => {
  const pieces = Array.from({ length: Math.floor(samples.length / 1_280) }, (_, i) => analyseTone(samples.subarray(i * 1_280, (i + 1) * 1_280), TONE_HZ).share);
  return pieces.reduce((sum, share) => sum + share, 0) / pieces.length;
};
const portOf = (sdp: string): number => Number(/m=audio (\d+)/.exec(sdp)?.[1]);
const withPort = (sdp: string, port: number): string => sdp.replace(/m=audio \d+/, `m=audio ${port}`);

describe('WorkerMedia over impaired networks', function () {
  this.timeout(30_000);
  let fixture: MediaFixture;
  const closing: { close(): Promise<void> }[] = [];

  before(async () => { fixture = await startMedia({ idleTimeoutMs: 1_500 }); });
  after(async () => { await fixture.close(); });
  afterEach(async () => {
    for (const each of closing.splice(0).reverse()) await each.close();
  });

  const answer = async (offer: string): Promise<{ leg: MediaLeg; sdp: string }> => {
    const answered = await fixture.media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer });
    if (answered.kind !== 'agreed') throw new Error(answered.reason);
    closing.push(answered.leg);
    return { leg: answered.leg, sdp: answered.sdp };
  };

  /** Carol, whose packets come through a network that is like this. */
  const carolThrough = async (impairment: Impairment): Promise<{ carol: RtpPeer; relay: ImpairingRelay; leg: MediaLeg; sdp: string }> => {
    const carol = await RtpPeer.open('PCMA');
    const relay = await ImpairingRelay.open([impairment, { seed: 1 }]);
    closing.push(carol, relay);
    const { leg, sdp } = await answer(carol.sdp({ port: relay.ports.forSecond }));
    relay.join(carol.port, portOf(sdp));
    carol.follow(withPort(sdp, relay.ports.forFirst));
    return { carol, relay, leg, sdp };
  };

  for (const { what, impairment, leastShare = 0.95, longestGapMs = 20 } of [
    { what: '1 % loss', impairment: { seed: 2, loss: 0.01 } },
    { what: '5 % loss', impairment: { seed: 3, loss: 0.05 } },
    { what: '10 % loss', impairment: { seed: 5, loss: 0.1 }, leastShare: 0.9 },
    // Four and five in a row are silent after 60 ms.
    { what: 'loss in bursts', impairment: { seed: 6, bursts: { toBad: 0.03, toGood: 0.6, loss: 0.8 } }, leastShare: 0.9, longestGapMs: 50 },
    { what: '100 ms of jitter', impairment: { seed: 7, jitterMs: 100, keepsOrder: true } },
    { what: 'reordering by 60 ms', impairment: { seed: 8, reorder: 0.1, reorderByMs: 60 } },
    { what: 'duplicates', impairment: { seed: 9, duplicates: 0.3, jitterMs: 10 } },
  ] as readonly { what: string; impairment: Impairment; leastShare?: number; longestGapMs?: number }[]) {
    it(`hears a tone through ${what} at its frequency and level, without gaps or clicks`, async () => {
      const { carol, relay, leg } = await carolThrough(impairment);
      const path = join(fixture.directory, `${impairment.seed}.wav`);
      const recording = await fixture.media.record(leg, path);
      carol.startTone(TONE_HZ);
      let quality: VoiceQuality | undefined;
      leg.onQuality?.((told) => { quality = told; });
      await wait(4_000);
      await recording.stop();
      const { samples } = await readWav(path);
      const heard = samples.subarray(8_000);
      assert.ok(Math.abs((dominantFrequency(heard) ?? 0) - TONE_HZ) < 2, `${dominantFrequency(heard)} Hz`);
      assert.ok(shareOf(heard) > leastShare, `share ${shareOf(heard)}`);
      assert.ok(Math.abs(levelDbfs(heard) - TONE_DBFS) < 1, `${levelDbfs(heard)} dBFS`);
      assert.deepEqual(silentGaps(heard, { minimumMs: longestGapMs }), []);
      // The tone's own slope is 8000·2π·440/8000 = 2,765; A-law adds its steps.
      assert.ok(largestStep(heard) < 3_400, `a step of ${largestStep(heard)}`);
      carol.stopTone();
      await wait(250);
      await leg.close();
      const [{ sent, lost } = { sent: 0, lost: 0 }] = relay.figures;
      assert.ok(Math.abs((quality?.lost ?? -9) - lost) <= 3, `${quality?.lost} of ${lost} lost packets`);
      assert.equal((quality?.packets ?? 0) + (quality?.lost ?? 0) - (quality?.duplicates ?? 0) >= sent - 3, true);
      assert.ok((quality?.late ?? 0) <= 4, `${quality?.late} late`);
    });
  }

  it('measures round trip, loss, delay and MOS through real sockets and reports (RFC 3550 §6.4)', async () => {
    // Two legs of ours talk to each other: both measure, and report by RTCP.
    const relay = await ImpairingRelay.open([{ seed: 21, delayMs: 70 }, { seed: 42, delayMs: 70, loss: 0.01 }]);
    closing.push(relay);
    const { leg, sdp: offer } = await fixture.media.offerLeg({ callId: nextCallId(), legId: nextLegId(), kind: 'rtp' });
    closing.push(leg);
    const far = await answer(`${withPort(offer, relay.ports.forSecond).trimEnd()}\r\na=rtcp-mux\r\n`);
    await leg.acceptAnswer(withPort(far.sdp, relay.ports.forFirst));
    relay.join(portOf(offer), portOf(far.sdp));
    far.leg.play([{ kind: 'music' }], { loop: true });
    const recording = await fixture.media.record(leg, join(fixture.directory, 'far.wav'));
    const told: VoiceQuality[] = [];
    leg.onQuality?.((quality) => told.push(quality));
    await until(() => told.some(({ roundTripMs, peer }) => roundTripMs !== undefined && peer !== undefined), 'a round trip', 20_000);
    await recording.stop();
    await leg.close();
    const final = told.at(-1) ?? assert.fail();
    assert.equal(final.kind, 'final');
    assert.ok((final.roundTripMs ?? 0) >= 139 && (final.roundTripMs ?? 0) < 250, `round trip ${final.roundTripMs}`);
    assert.ok(final.delay.receiveBufferMs >= 10 && final.delay.receiveBufferMs <= 215, `buffer ${final.delay.receiveBufferMs}`);
    const { encodingMs, propagationMs = 0, transmitQueueMs, receiveBufferMs, decodingMs } = final.delay;
    assert.equal(final.oneWayMs, encodingMs + propagationMs + transmitQueueMs + receiveBufferMs + decodingMs);
    const lossPercent = (100 * final.lost) / (final.packets + final.lost);
    assert.ok(lossPercent > 0.3 && lossPercent < 1.5, `loss ${lossPercent} %`);
    assert.ok((final.rating?.mos ?? 0) > 3.5 && (final.rating?.mos ?? 5) < 4.4, JSON.stringify(final));
    assert.equal(final.peer?.lostPercent, 0);
  });

  it('tells one-way audio within 3 s, and when it is over', async () => {
    const { carol, leg } = await carolThrough({ seed: 1 });
    const alice = await RtpPeer.open('PCMA');
    closing.push(alice);
    const { leg: other, sdp } = await answer(alice.sdp());
    alice.follow(sdp);
    for (const peer of [carol, alice]) peer.startTone(TONE_HZ);
    fixture.media.setHears(leg, other, 1);
    fixture.media.setHears(other, leg, 1);
    const told: (AudioProblem & { readonly atMs: number })[] = [];
    leg.onAudioProblem?.((problem) => told.push({ ...problem, atMs: performance.now() }));
    await wait(300);
    carol.stopTone();
    const stoppedMs = performance.now();
    await until(() => told.length > 0, 'the problem');
    assert.deepEqual(told.map(({ kind, state }) => `${kind} ${state}`), ['no-packets began']);
    assert.ok((told[0]?.atMs ?? 0) - stoppedMs < 3_100, `${(told[0]?.atMs ?? 0) - stoppedMs} ms`);
    carol.startTone(TONE_HZ);
    await until(() => told.length > 1, 'its end');
    assert.equal(told[1]?.state, 'ended');
  });

  it('ends a caller who vanishes while nobody hears her, with its own reason', async () => {
    const { carol, leg } = await carolThrough({ seed: 1 });
    leg.play([{ kind: 'music' }], { loop: true });
    carol.startTone(TONE_HZ);
    await wait(500);
    carol.stopTone();
    assert.deepEqual(await leg.failed, { reason: 'media-timeout' });
  });

  it('lets a flood to one port disturb no other call', async () => {
    const { leg, carol, sdp } = await carolThrough({ seed: 1 });
    const [alice, dave, mallory] = await Promise.all([RtpPeer.open('PCMA'), RtpPeer.open('PCMA'), RtpPeer.open('PCMA')]);
    closing.push(alice, dave, mallory);
    const [one, other] = [await answer(alice.sdp()), await answer(dave.sdp())];
    alice.follow(one.sdp);
    dave.follow(other.sdp);
    fixture.media.setHears(one.leg, other.leg, 1);
    fixture.media.setHears(other.leg, one.leg, 1);
    for (const peer of [alice, dave, carol]) peer.startTone(TONE_HZ);
    await wait(300);
    mallory.follow(sdp);
    const from = dave.packets.length;
    for (let sent = 0; sent < 20_000; sent += 200) {
      for (let i = 0; i < 200; i += 1) mallory.send(8, Buffer.alloc(160, 0xd5));
      await wait(10);
    }
    await wait(100);
    const packets = dave.packets.slice(from);
    const pauses = packets.slice(1).map(({ atMs }, i) => atMs - (packets[i]?.atMs ?? atMs));
    const long = pauses.filter((pauseMs) => pauseMs > 50).length;
    assert.ok(long <= pauses.length / 20, `${long} of ${pauses.length} pauses are long`);
    assert.deepEqual(silentGaps(dave.heard(from)), []);
    assert.ok(analyseTone(dave.heard(from), TONE_HZ).share > 0.98);
    const after = (await fixture.media.stats()).perLeg.find(({ legId }) => legId === leg.legId);
    assert.ok((after?.refusedPackets ?? 0) > 100 && (after?.refusedPackets ?? 0) < 10_000, `${after?.refusedPackets} of 20,000 reached the engine`);
  });
});
