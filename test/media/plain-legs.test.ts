import assert from 'node:assert/strict';
import type { MediaLeg } from '../../server/call/ports.ts';
import type { G711Name } from '../../server/media/codec/g711.ts';
import { makeKeyTone } from '../../server/media/dtmf/key-tone.ts';
import { ToneReceiver } from '../../server/media/dtmf/tone-receiver.ts';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { analyseTone, dominantFrequency, levelDbfs } from '../../server/media/listen/tone.ts';
import type { Digit } from '../../server/model/digit.ts';
import { nextCallId, nextLegId, startMedia } from './support/media-fixture.ts';
import type { MediaFixture } from './support/media-fixture.ts';
import { RtpPeer, until, wait } from './support/rtp-peer.ts';

/** Bytes of the silence around a tone do not count: the middle of what was heard, in milliseconds. */
const middle = (samples: Int16Array, marginMs: number): Int16Array => samples.subarray(marginMs * 8, samples.length - marginMs * 8);

describe('WorkerMedia with plain RTP on loopback', () => {
  let fixture: MediaFixture;
  const peers: RtpPeer[] = [];
  const legs: MediaLeg[] = [];

  before(async () => { fixture = await startMedia(); });
  after(async () => { await fixture.close(); });
  afterEach(async () => {
    for (const leg of legs.splice(0)) await leg.close();
    for (const peer of peers.splice(0)) await peer.close();
  });

  const answer = async (codec: G711Name, sdp?: (peer: RtpPeer) => string): Promise<{ peer: RtpPeer; leg: MediaLeg; sdp: string }> => {
    const peer = await RtpPeer.open(codec);
    peers.push(peer);
    const answered = await fixture.media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer: sdp?.(peer) ?? peer.sdp() });
    assert.equal(answered.kind, 'agreed');
    if (answered.kind !== 'agreed') throw new Error('unreachable');
    legs.push(answered.leg);
    peer.follow(answered.sdp);
    return { peer, leg: answered.leg, sdp: answered.sdp };
  };

  const bridge = (one: MediaLeg, other: MediaLeg): void => {
    fixture.media.setHears(one, other, 1);
    fixture.media.setHears(other, one, 1);
  };

  for (const [one, other] of [['PCMA', 'PCMU'], ['PCMA', 'PCMA'], ['PCMU', 'PCMU']] as const) {
    it(`passes a tone each way between ${one} and ${other} at its level and without gaps`, async () => {
      const carol = await answer(one);
      const alice = await answer(other);
      carol.peer.startTone(440);
      alice.peer.startTone(700);
      bridge(carol.leg, alice.leg);
      await wait(1_300);
      for (const [peer, frequency] of [[carol.peer, 700], [alice.peer, 440]] as const) {
        const heard = middle(peer.heard(), 200);
        assert.ok(Math.abs((dominantFrequency(heard) ?? 0) - frequency) < 3, `heard ${dominantFrequency(heard)} Hz`);
        assert.ok(analyseTone(heard, frequency).share > 0.98);
        assert.ok(Math.abs(levelDbfs(heard) - 20 * Math.log10(8_000 / 32_768)) < 0.5, `level ${levelDbfs(heard)}`);
        assert.deepEqual(silentGaps(heard), []);
      }
      const { perLeg } = await fixture.media.stats();
      assert.deepEqual(perLeg.map(({ route }) => route), ['forward', 'forward']);
    });
  }

  it('stamps one time line and one sequence across prompt, silence and bridge (RFC 3550 §5.1)', async () => {
    const carol = await answer('PCMA');
    const alice = await answer('PCMU');
    const playback = carol.leg.play([{ kind: 'prompt', language: 'fr', id: 'a500' }]);
    assert.equal(await playback.done, 'finished');
    alice.peer.startTone(700);
    bridge(carol.leg, alice.leg);
    await wait(400);
    fixture.media.setHears(carol.leg, alice.leg, 0);
    await wait(200);
    const { packets } = carol.peer;
    assert.ok(packets.length > 40);
    for (const [i, packet] of packets.slice(1).entries()) {
      const before = packets[i];
      assert.ok(before !== undefined);
      assert.equal((packet.sequence - before.sequence) & 0xffff, 1);
      const step = (packet.timestamp - before.timestamp) | 0;
      assert.ok(step > 0 && step % 160 === 0 && step <= 480, `timestamp step ${step}`);
      assert.equal(packet.ssrc, before.ssrc);
    }
  });

  it('plays prompts one after the other without a seam, at the pace of real time', async () => {
    const { peer, leg } = await answer('PCMA');
    await until(() => peer.packets.length > 0, 'silence before the prompt');
    const playback = leg.play([{ kind: 'prompt', language: 'fr', id: 'a500' }, { kind: 'silence', ms: 100 }, { kind: 'prompt', language: 'fr', id: 'b700' }]);
    const startedAt = performance.now();
    assert.equal(await playback.done, 'finished');
    const took = performance.now() - startedAt;
    assert.ok(took > 850 && took < 1_050, `took ${took} ms`);
    await wait(100);
    const heard = peer.heard();
    const gaps = silentGaps(heard, { minimumMs: 40 });
    const pause = gaps.find(({ startMs, lengthMs }) => startMs > 100 && Math.abs(lengthMs - 100) <= 15);
    assert.ok(pause, JSON.stringify(gaps));
    assert.ok(Math.abs((dominantFrequency(heard.subarray((pause.startMs - 300) * 8, (pause.startMs - 50) * 8)) ?? 0) - 500) < 5);
    assert.ok(Math.abs((dominantFrequency(heard.subarray((pause.startMs + 150) * 8, (pause.startMs + 400) * 8)) ?? 0) - 700) < 5);
  });

  it('ends a playback as stopped when it is stopped or another one begins', async () => {
    const { leg } = await answer('PCMA');
    const music = leg.play([{ kind: 'music' }]);
    const tone = leg.play([{ kind: 'tone', name: 'ringback' }]);
    assert.equal(await music.done, 'stopped');
    tone.stop();
    tone.stop();
    assert.equal(await tone.done, 'stopped');
  });

  it('ends a playback as failed and names the file when a prompt is missing', async () => {
    const { leg } = await answer('PCMA');
    const playback = leg.play([{ kind: 'prompt', language: 'fr', id: 'nothing-here' }]);
    assert.equal(await playback.done, 'failed');
    assert.match(fixture.faults.at(-1)?.message ?? '', /nothing-here\.wav/);
  });

  it('reports a key once for all its packets, and forwards it to who hears the leg (RFC 4733 §2.5.1)', async () => {
    const carol = await answer('PCMA');
    const alice = await answer('PCMU');
    bridge(carol.leg, alice.leg);
    const keys: Digit[] = [];
    carol.leg.onDigit((digit) => keys.push(digit));
    carol.peer.startTone(440);
    await wait(200);
    carol.peer.stopTone();
    carol.peer.sendKey(5);
    carol.peer.sendKey(11);
    await until(() => keys.length === 2, 'two keys');
    assert.deepEqual(keys, ['5', '#']);
    await until(() => alice.peer.packets.filter(({ payloadType }) => payloadType === 101).length >= 14, 'two keys forwarded');
    const events = alice.peer.packets.filter(({ payloadType }) => payloadType === 101);
    assert.deepEqual([...new Set(events.map(({ payload }) => payload[0]))], [5, 11]);
    assert.equal(new Set(events.map(({ timestamp }) => timestamp)).size, 2);
    assert.equal(events.filter(({ payload }) => ((payload[1] ?? 0) & 0x80) !== 0).length, 6);
    assert.equal(events.filter(({ marker }) => marker).length, 2);
  });

  it('sounds a key to a peer that does not know telephone-event (ITU-T Q.23)', async () => {
    const { peer, leg } = await answer('PCMA', (carol) => carol.sdp({ events: false }));
    await until(() => peer.packets.length > 2, 'silence');
    leg.sendDigit('5');
    await wait(300);
    assert.deepEqual(new ToneReceiver().hear(peer.heard()), ['5']);
  });

  for (const [what, terms, events] of [
    ['that has no telephone-event', undefined, false], ['of a trunk whose keys are tones', { dtmf: 'inband', isSignallingSecure: false }, true],
  ] as const) {
    it(`hears the keys that sound in the voice of a telephone ${what} (ITU-T Q.24)`, async () => {
      const peer = await RtpPeer.open('PCMU');
      peers.push(peer);
      const answered = await fixture.media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer: peer.sdp({ events }), ...(terms === undefined ? {} : { terms }) });
      if (answered.kind !== 'agreed') throw new Error(answered.reason);
      legs.push(answered.leg);
      assert.doesNotMatch(answered.sdp, /telephone-event/);
      peer.follow(answered.sdp);
      const keys: Digit[] = [];
      answered.leg.onDigit((digit) => keys.push(digit));
      for (const digit of ['2', '2', '#'] as const) {
        for (let frame = 0; frame < 5; frame += 1) peer.sendVoice(makeKeyTone(digit, frame));
        for (let frame = 0; frame < 3; frame += 1) peer.sendVoice(new Int16Array(160));
      }
      await until(() => keys.length === 3, 'three keys');
      assert.deepEqual(keys, ['2', '2', '#']);
    });
  }

  it('counts a press once that comes by RFC 4733 and by SIP INFO', async () => {
    const { peer, leg } = await answer('PCMA');
    const keys: Digit[] = [];
    leg.onDigit((digit) => keys.push(digit));
    peer.sendKey(5);
    await until(() => keys.length === 1, 'a key');
    leg.takeInfoKey('5');
    leg.takeInfoKey('6');
    await until(() => keys.length === 2, 'the next key');
    assert.deepEqual(keys, ['5', '6']);
  });

  it('plays music on hold in step for all listeners, and the talk comes back after it', async () => {
    const carol = await answer('PCMA');
    const dave = await answer('PCMA');
    const hold = carol.leg.play([{ kind: 'music' }], { loop: true });
    await wait(150);
    const other = dave.leg.play([{ kind: 'music' }], { loop: true });
    await wait(600);
    const [late] = dave.peer.packets.slice(-5);
    assert.ok(late !== undefined);
    const early = carol.peer.packets.find(({ payload }) => payload.equals(late.payload));
    assert.ok(early, 'the same frame of music was sent to both');
    assert.ok(Math.abs(early.atMs - late.atMs) < 15, `${early.atMs - late.atMs} ms apart`);
    hold.stop();
    other.stop();
    const alice = await answer('PCMU');
    alice.peer.startTone(700);
    bridge(carol.leg, alice.leg);
    await wait(300);
    const from = carol.peer.packets.length;
    await wait(400);
    assert.ok(analyseTone(carol.peer.heard(from), 700).share > 0.98);
  });

  it('mixes a third voice in, each party hearing everybody but itself', async () => {
    const parties = [await answer('PCMA'), await answer('PCMU'), await answer('PCMA')];
    const tones = [440, 700, 1_000];
    for (const [i, { leg, peer }] of parties.entries()) {
      peer.startTone(tones[i] ?? 0, 4_000);
      for (const other of parties) if (other.leg !== leg) fixture.media.setHears(leg, other.leg, 1);
    }
    await wait(1_200);
    for (const [i, { peer }] of parties.entries()) {
      const heard = middle(peer.heard(), 300);
      for (const [j, frequency] of tones.entries()) {
        const { levelDbfs: level } = analyseTone(heard, frequency);
        if (i === j) assert.ok(level < -45, `party ${i} hears itself at ${level} dBFS`);
        else assert.ok(Math.abs(level - 20 * Math.log10(4_000 / 32_768)) < 1, `party ${i} hears ${frequency} Hz at ${level} dBFS`);
      }
      assert.deepEqual(silentGaps(heard), []);
    }
  });

  it('does not hear a flood from a foreign source, and says how much it refused', async () => {
    const carol = await answer('PCMA');
    const alice = await answer('PCMA');
    bridge(carol.leg, alice.leg);
    carol.peer.startTone(440);
    await wait(200);
    const mallory = await RtpPeer.open('PCMA');
    peers.push(mallory);
    mallory.follow(carol.sdp);
    mallory.startTone(1_500, 20_000);
    await wait(700);
    const heard = middle(alice.peer.heard(), 200);
    assert.ok(analyseTone(heard, 440).share > 0.98);
    assert.ok(analyseTone(heard, 1_500).levelDbfs < -60);
    const { perLeg } = await fixture.media.stats();
    assert.ok((perLeg.find(({ legId }) => legId === carol.leg.legId)?.refusedPackets ?? 0) > 20);
  });

  it('locks on the first source that sends well when the address in the SDP is not where it is (RFC 4961)', async () => {
    const carol = await answer('PCMA', (peer) => peer.sdp({ port: 9 }));
    const alice = await answer('PCMA');
    bridge(carol.leg, alice.leg);
    carol.peer.startTone(440);
    alice.peer.startTone(700);
    await wait(800);
    assert.ok(analyseTone(middle(alice.peer.heard(), 150), 440).share > 0.98);
    assert.ok(analyseTone(middle(carol.peer.heard(), 150), 700).share > 0.98);
  });

  it('sends nothing while the peer holds (sendonly, or the old c=0.0.0.0), and again after', async () => {
    const { peer, leg } = await answer('PCMA');
    await until(() => peer.packets.length > 0, 'audio before hold');
    for (const hold of [peer.sdp({ direction: 'sendonly' }), peer.sdp({ address: '0.0.0.0' })]) {
      const held = await leg.reoffer(hold);
      assert.equal(held.kind, 'agreed');
      if (held.kind === 'agreed') assert.match(held.sdp, /a=recvonly/);
      await wait(60);
      const count = peer.packets.length;
      await wait(200);
      assert.equal(peer.packets.length, count);
      const back = await leg.reoffer(peer.sdp());
      assert.equal(back.kind === 'agreed' && /a=sendrecv/.test(back.sdp), true);
      await until(() => peer.packets.length > count, 'audio after hold');
    }
  });

  it('makes an offer for a caller without SDP and takes the answer', async () => {
    const peer = await RtpPeer.open('PCMU');
    peers.push(peer);
    const { leg, sdp } = await fixture.media.offerLeg({ callId: nextCallId(), legId: nextLegId(), kind: 'rtp' });
    legs.push(leg);
    peer.follow(sdp);
    assert.deepEqual(await leg.acceptAnswer(peer.sdp()), { kind: 'agreed' });
    leg.play([{ kind: 'prompt', language: 'fr', id: 'c900' }]);
    await wait(500);
    assert.ok(Math.abs((dominantFrequency(peer.heard()) ?? 0) - 900) < 5);
  });

  it('refuses an offer without a codec in common, and one that is not SDP', async () => {
    const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n';
    const refused = await fixture.media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer });
    assert.equal(refused.kind, 'unsupported');
    assert.equal((await fixture.media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer: 'hello' })).kind, 'unsupported');
  });

  it('closes its ports with the leg', async () => {
    const { leg } = await answer('PCMA');
    assert.equal((await fixture.media.stats()).ports, 2);
    await leg.close();
    await leg.close();
    const { legs: open, ports } = await fixture.media.stats();
    assert.deepEqual({ open, ports }, { open: 0, ports: 0 });
  });
});
