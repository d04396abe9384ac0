import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { analyseTone, dominantFrequency } from '../../server/media/listen/tone.ts';
import { silentGaps } from '../../server/media/listen/silent-gaps.ts';
import { isRtcp } from '../../server/media/rtp/packet.ts';
import { startMedia } from './support/media-fixture.ts';
import type { MediaFixture } from './support/media-fixture.ts';
import { PlainCalls, reoffer } from './support/plain-calls.ts';
import { until, wait } from './support/rtp-peer.ts';
import type { RtpPeer } from './support/rtp-peer.ts';

const originOf = (sdp: string): string => /^o=.*(?=\r$)/m.exec(sdp)?.[0] ?? '';

/** Waits until a peer hears this frequency, and hears nothing else of weight. */
const hears = async (peer: RtpPeer, hertz: number): Promise<void> => {
  const from = peer.packets.length;
  await until(() => peer.packets.length >= from + 25 && analyseTone(peer.heard(peer.packets.length - 12), hertz).share > 0.97, `${hertz} Hz, but ${dominantFrequency(peer.heard(from))}`);
};

describe('a plain leg, negotiated again', () => {
  let fixture: MediaFixture;
  let calls: PlainCalls;

  before(async () => {
    fixture = await startMedia();
    calls = new PlainCalls(fixture);
  });
  after(async () => { await fixture.close(); });
  afterEach(() => calls.close());

  it('keeps its origin line for a refresh and counts its version up for a change (RFC 3264 §8)', async () => {
    const { peer, leg, sdp } = await calls.answer(await calls.openPeer('PCMA'));
    const refreshed = await reoffer(leg, peer.sdp());
    assert.equal(refreshed, sdp);
    const held = await reoffer(leg, peer.sdp({ direction: 'sendonly' }));
    const heldAgain = await reoffer(leg, peer.sdp({ direction: 'sendonly' }));
    assert.equal(held, heldAgain);
    assert.equal(originOf(held), originOf(sdp).replace(/ 1 IN/, ' 2 IN'));
    assert.equal(originOf(await reoffer(leg, peer.sdp())), originOf(sdp).replace(/ 1 IN/, ' 3 IN'));
  });

  it('sends to another address from then on, and hears only that', async () => {
    const carol = await calls.answer(await calls.openPeer('PCMA'));
    const alice = await calls.answer(await calls.openPeer('PCMA'));
    calls.bridge(carol.leg, alice.leg);
    carol.peer.startTone(440);
    alice.peer.startTone(700);
    await hears(alice.peer, 440);
    const moved = await calls.openPeer('PCMA');
    moved.follow(await reoffer(carol.leg, moved.sdp()));
    moved.startTone(1_000);
    await hears(alice.peer, 1_000);
    await hears(moved, 700);
    const count = carol.peer.packets.length;
    await wait(200);
    assert.equal(carol.peer.packets.length, count, 'nothing goes to where she was');
  });

  for (const [before, after] of [['PCMA', 'PCMU'], ['PCMU', 'G722'], ['G722', 'PCMA']] as const) {
    it(`changes from ${before} to ${after}`, async () => {
      const carol = await calls.answer(await calls.openPeer(before));
      const alice = await calls.answer(await calls.openPeer('PCMA'));
      calls.bridge(carol.leg, alice.leg);
      alice.peer.startTone(700);
      carol.peer.startTone(440);
      await hears(carol.peer, 700);
      carol.peer.stopTone();
      const again = await calls.openPeer(after);
      again.follow(await reoffer(carol.leg, again.sdp()));
      again.startTone(1_000);
      await hears(again, 700);
      await hears(alice.peer, 1_000);
    });
  }

  it('is silent while the peer has switched its audio off, and comes back (RFC 3264 §8.2)', async () => {
    const { peer, leg } = await calls.answer(await calls.openPeer('PCMA'));
    await until(() => peer.packets.length > 0, 'audio');
    const off = await reoffer(leg, peer.sdp({ port: 0 }));
    assert.match(off, /^m=audio 0 RTP\/AVP 8 101\r$/m);
    await wait(60);
    const count = peer.packets.length;
    await wait(150);
    assert.equal(peer.packets.length, count);
    assert.match(await reoffer(leg, peer.sdp()), /^m=audio [1-9]\d* RTP\/AVP 8 101\r$/m);
    await until(() => peer.packets.length > count, 'audio again');
  });

  it('stays as it was when a new offer cannot be agreed to', async () => {
    const { peer, leg, sdp } = await calls.answer(await calls.openPeer('PCMA'));
    const refused = await leg.reoffer(sdp.replace(/^m=audio.*\r$/m, 'm=audio 4000 RTP/AVP 18\r'));
    assert.equal(refused.kind, 'unsupported');
    assert.equal((await leg.reoffer('nothing')).kind, 'unsupported');
    const count = peer.packets.length;
    await until(() => peer.packets.length > count + 5, 'audio goes on');
    assert.equal(await reoffer(leg, peer.sdp()), sdp);
  });

  it('takes an answer that numbers its formats in its own way (RFC 3264 §5.1)', async () => {
    const peer = await calls.openPeer('PCMA');
    const { leg, sdp } = await calls.offer(peer);
    assert.match(sdp, /^m=audio \d+ RTP\/AVP 8 0 101\r$/m);
    const answer = peer.sdp({ events: false, lines: ['a=rtpmap:97 telephone-event/8000'] }).replace('RTP/AVP 8', 'RTP/AVP 8 97');
    assert.deepEqual(await leg.acceptAnswer(answer), { kind: 'agreed' });
    const keys: string[] = [];
    leg.onDigit((digit) => keys.push(digit));
    peer.send(101, Uint8Array.of(6, 0x8a, 3, 0x20), { marker: true });
    await until(() => keys.length > 0, 'a key in the type of our offer');
    leg.sendDigit('9');
    await until(() => peer.packets.some(({ payloadType, payload }) => payloadType === 97 && payload[0] === 9), 'a key in the type of the answer');
    assert.deepEqual(keys, ['6']);
  });

  it('refuses an answer that switches the audio off, or takes what was not offered', async () => {
    const peer = await calls.openPeer('G722');
    const { leg } = await calls.offer(peer);
    for (const answer of [peer.sdp({ port: 0 }), peer.sdp(), 'v=0\r\n', 'hello']) assert.equal((await leg.acceptAnswer(answer)).kind, 'unsupported');
  });

  it('proposes other codecs in an offer of its own, and speaks what is taken', async () => {
    const carol = await calls.answer(await calls.openPeer('PCMA'));
    const alice = await calls.answer(await calls.openPeer('PCMA'));
    calls.bridge(carol.leg, alice.leg);
    alice.peer.startTone(700);
    const { sdp } = await carol.leg.propose(['G722', 'PCMA']);
    assert.match(sdp, /^m=audio \d+ RTP\/AVP 9 8 101\r$/m);
    assert.equal(originOf(sdp), originOf(carol.sdp).replace(/ 1 IN/, ' 2 IN'));
    const wide = await calls.openPeer('G722');
    wide.follow(sdp);
    assert.deepEqual(await carol.leg.acceptAnswer(wide.sdp()), { kind: 'agreed' });
    await hears(wide, 700);
  });

  for (const packetMs of [10, 30, 40, 60]) {
    it(`takes packets of ${packetMs} ms and sends 20`, async () => {
      const carol = await calls.answer(await calls.openPeer('PCMA'));
      const alice = await calls.answer(await calls.openPeer('PCMU'));
      carol.peer.startTone(440, 8_000, packetMs);
      calls.bridge(carol.leg, alice.leg);
      await wait(600);
      const from = alice.peer.packets.length;
      await wait(700);
      const heard = alice.peer.heard(from);
      assert.ok(analyseTone(heard, 440).share > 0.97, String(analyseTone(heard, 440).share));
      assert.deepEqual(silentGaps(heard), []);
      assert.ok(alice.peer.packets.every(({ payload }) => payload.length === 160));
    });
  }

  it('learns where to send from the packets of a peer that gives a name for its address', async () => {
    const carol = await calls.openPeer('PCMA');
    const { leg, sdp } = await calls.answer(carol, carol.sdp({ address: 'phone.example.net' }));
    assert.match(sdp, /^a=sendrecv\r$/m);
    await wait(100);
    assert.equal(carol.packets.length, 0);
    carol.startTone(440);
    await until(() => carol.packets.length > 0, 'audio to where she sends from');
    await leg.close();
  });

  describe('RTCP', () => {
    let other: Socket;
    const heardAt: Buffer[] = [];
    beforeEach(async () => {
      heardAt.length = 0;
      other = createSocket('udp4').on('message', (datagram) => heardAt.push(datagram));
      await new Promise<void>((resolve) => { other.bind(0, '127.0.0.1', resolve); });
    });
    afterEach(() => new Promise<void>((resolve) => { other.close(() => resolve()); }));

    it('goes with RTP when that was offered (RFC 5761), else where a=rtcp says (RFC 3605)', async () => {
      const mux = await calls.openPeer('PCMA');
      const muxed = await calls.answer(mux, mux.sdp({ lines: ['a=rtcp-mux'] }));
      assert.match(muxed.sdp, /^a=rtcp-mux\r$/m);
      const apart = await calls.openPeer('PCMA');
      const separate = await calls.answer(apart, apart.sdp({ lines: [`a=rtcp:${other.address().port}`] }));
      assert.doesNotMatch(separate.sdp, /rtcp-mux/);
      await until(() => mux.controls.length > 0 && heardAt.length > 0, 'a report each way', 7_000);
      assert.equal(apart.controls.length, 0);
      assert.ok(heardAt.every(isRtcp));
    });
  });
});

describe('a plain leg on IPv6', () => {
  it('speaks with IPv6 peers and refuses others', async () => {
    const fixture = await startMedia({ host: '::1' });
    const calls = new PlainCalls(fixture);
    try {
      const carol = await calls.answer(await calls.openPeer('PCMA', '::1'));
      const alice = await calls.answer(await calls.openPeer('PCMA', '::1'));
      assert.match(carol.sdp, /^c=IN IP6 ::1\r$/m);
      calls.bridge(carol.leg, alice.leg);
      carol.peer.startTone(440);
      await hears(alice.peer, 440);
      const old = await calls.openPeer('PCMA');
      await assert.rejects(calls.answer(old), /another family/);
    } finally {
      await calls.close();
      await fixture.close();
    }
  });
});
