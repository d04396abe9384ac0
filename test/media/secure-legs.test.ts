import assert from 'node:assert/strict';
import { analyseTone } from '../../server/media/listen/tone.ts';
import { buildReport } from '../../server/media/rtp/rtcp.ts';
import { CRYPTO_SUITES, parseCrypto } from '../../server/media/sdp/crypto-attribute.ts';
import { attributeValues } from '../../server/media/sdp/session-description.ts';
import { SdesSession } from '../../server/media/srtp/sdes-session.ts';
import type { MediaTerms } from '../../server/model/media-terms.ts';
import { startMedia } from './support/media-fixture.ts';
import type { MediaFixture } from './support/media-fixture.ts';
import { PlainCalls, reoffer } from './support/plain-calls.ts';
import type { PlainCall } from './support/plain-calls.ts';
import { until, wait } from './support/rtp-peer.ts';
import { parse } from './support/sdp-text.ts';

const REQUIRED: MediaTerms = { srtp: 'required', isSignallingSecure: true };
const OPTIONAL: MediaTerms = { srtp: 'optional', isSignallingSecure: true };

/** The keys of a description. */
const cryptoOf = (sdp: string): readonly string[] => attributeValues(parse(sdp).media[0]?.attributes ?? [], 'crypto');

/** Takes our key in an answer to Carol's offer. */
function follow(sdes: SdesSession, answer: string): void {
  const crypto = parseCrypto(cryptoOf(answer)[0] ?? '');
  assert.ok(crypto !== undefined && sdes.accept(crypto), 'the answer has a key for the offer');
}

const share = ({ peer }: PlainCall, hertz: number): number => analyseTone(peer.heard(Math.max(0, peer.packets.length - 25)), hertz).share;

describe('a leg with SRTP keys in its descriptions (RFC 4568)', () => {
  let fixture: MediaFixture;
  let calls: PlainCalls;

  before(async () => {
    fixture = await startMedia();
    calls = new PlainCalls(fixture);
  });
  after(async () => { await fixture.close(); });
  afterEach(() => calls.close());

  /** Carol calls with one key of this suite. */
  const callSecurely = async (suite: number, terms: MediaTerms, profile = 'RTP/SAVP', lines: readonly string[] = []): Promise<PlainCall & { readonly sdes: SdesSession; readonly offer: string }> => {
    const sdes = new SdesSession();
    const peer = await calls.openPeer('PCMA');
    const offer = peer.sdp({ profile, lines: [`a=crypto:${sdes.offer()[suite]}`, ...lines] });
    const call = await calls.answer(peer, offer, terms);
    follow(sdes, call.sdp);
    peer.encrypt(sdes.pair);
    return { ...call, sdes, offer };
  };

  for (const [place, suite] of CRYPTO_SUITES.entries()) {
    it(`speaks ${suite}: voice both ways by its frequency, and nothing in clear`, async () => {
      const carol = await callSecurely(place, REQUIRED);
      assert.match(carol.sdp, new RegExp(`^m=audio \\d+ RTP/SAVP 8 101\r$`, 'm'));
      const alice = await calls.answer(await calls.openPeer('PCMA'));
      calls.bridge(carol.leg, alice.leg);
      carol.peer.startTone(440);
      alice.peer.startTone(700);
      await wait(800);
      assert.ok(share(alice, 440) > 0.98 && share(carol, 700) > 0.98);
      const voice = carol.peer.datagrams.filter(({ length }) => length > 160);
      const tagBytes = { AES_CM_128_HMAC_SHA1_80: 10, AES_CM_128_HMAC_SHA1_32: 4, AEAD_AES_128_GCM: 16 }[suite];
      assert.ok(voice.every(({ length }) => length === 172 + tagBytes));
      assert.ok(new Set(voice.map((datagram) => datagram.readUInt8(100))).size > 30, 'the voice of one tone would repeat itself');
    });
  }

  it('encrypts RTCP too, and takes it (RFC 3711 §3.4)', async () => {
    const carol = await callSecurely(0, REQUIRED, 'RTP/SAVP', ['a=rtcp-mux']);
    const { peer } = carol;
    await until(() => peer.controls.length > 0, 'a report', 7_000);
    const clear = peer.controls[0];
    assert.ok(clear !== undefined && !peer.datagrams.some((datagram) => datagram.equals(clear)), 'not in clear on the wire');
    const ours = peer.packets[0]?.ssrc ?? 0;
    const block = { ssrc: ours, fractionLost: 0, cumulativeLost: 5, highestSequence: 1, jitter: 0 };
    const report = buildReport({ ssrc: peer.ssrc, epochMs: 0, rtpTimestamp: 0, packets: 0, octets: 0 }, 'carol', block);
    peer.sendControl(report);
    await wait(100);
    assert.equal((await fixture.media.stats()).perLeg[0]?.path.peer?.lost, 5);
  });

  it('hears neither what is in clear nor what another key encrypts, from the same address', async () => {
    const carol = await callSecurely(0, REQUIRED);
    const alice = await calls.answer(await calls.openPeer('PCMA'));
    calls.bridge(carol.leg, alice.leg);
    carol.peer.encrypt(undefined);
    carol.peer.startTone(1_500);
    await wait(300);
    const stranger = new SdesSession();
    const other = new SdesSession();
    stranger.accept(parsed(other.answer(parsed(stranger.offer()[0]))));
    carol.peer.encrypt(stranger.pair);
    await wait(300);
    assert.ok(analyseTone(alice.peer.heard(), 1_500).levelDbfs < -60);
    carol.peer.encrypt(carol.sdes.pair);
    await until(() => share(alice, 1_500) > 0.98, 'her own key');
    const { perLeg } = await fixture.media.stats();
    assert.ok((perLeg.find(({ legId }) => legId === carol.leg.legId)?.refusedPackets ?? 0) >= 20);
  });

  it('goes on through a refresh, and takes new keys in a new offer', async () => {
    const carol = await callSecurely(0, REQUIRED);
    const alice = await calls.answer(await calls.openPeer('PCMA'));
    calls.bridge(carol.leg, alice.leg);
    carol.peer.startTone(440);
    alice.peer.startTone(700);
    await until(() => share(alice, 440) > 0.98 && share(carol, 700) > 0.98, 'both ways');
    assert.equal(await reoffer(carol.leg, carol.offer), carol.sdp, 'a refresh changes nothing');
    const sdes = new SdesSession();
    const rekeyed = await reoffer(carol.leg, carol.peer.sdp({ profile: 'RTP/SAVP', lines: [`a=crypto:${sdes.offer()[1]}`] }));
    follow(sdes, rekeyed);
    carol.peer.encrypt(sdes.pair);
    const from = [alice.peer.packets.length, carol.peer.packets.length] as const;
    await until(() => alice.peer.packets.length > from[0] + 30 && carol.peer.packets.length > from[1] + 30, 'packets with the new keys');
    assert.ok(share(alice, 440) > 0.98 && share(carol, 700) > 0.98);
  });

  it('speaks in clear from a new offer without keys on, where the trunk leaves it open', async () => {
    const carol = await callSecurely(0, OPTIONAL, 'RTP/AVP');
    const alice = await calls.answer(await calls.openPeer('PCMA'));
    calls.bridge(carol.leg, alice.leg);
    carol.peer.startTone(440);
    alice.peer.startTone(700);
    await until(() => share(alice, 440) > 0.98 && share(carol, 700) > 0.98, 'both ways, encrypted');
    assert.deepEqual(cryptoOf(await reoffer(carol.leg, carol.peer.sdp())), []);
    carol.peer.encrypt(undefined);
    const from = [alice.peer.packets.length, carol.peer.packets.length] as const;
    await until(() => alice.peer.packets.length > from[0] + 30 && carol.peer.packets.length > from[1] + 30, 'packets in clear');
    assert.ok(share(alice, 440) > 0.98 && share(carol, 700) > 0.98);
  });

  it('encrypts RTP/AVP where both sides can, and speaks in clear where one cannot (RFC 8643)', async () => {
    const able = await callSecurely(0, OPTIONAL, 'RTP/AVP');
    assert.match(able.sdp, /^m=audio \d+ RTP\/AVP /m);
    await until(() => able.peer.packets.length > 3, 'encrypted audio');
    const unable = await calls.answer(await calls.openPeer('PCMA'), undefined, OPTIONAL);
    assert.deepEqual(cryptoOf(unable.sdp), []);
    await until(() => unable.peer.packets.length > 3, 'audio in clear');
  });

  for (const [srtp, protocol] of [['required', 'RTP/SAVP'], ['optional', 'RTP/AVP']] as const) {
    it(`offers its keys in ${protocol} when SRTP is ${srtp}, and follows the answer`, async () => {
      const peer = await calls.openPeer('PCMA');
      const { leg, sdp } = await calls.offer(peer, { srtp, isSignallingSecure: true });
      assert.match(sdp, new RegExp(`^m=audio \\d+ ${protocol} `, 'm'));
      assert.deepEqual(cryptoOf(sdp).map((line) => line.split(' ').slice(0, 2).join(' ')), CRYPTO_SUITES.map((suite, i) => `${i + 1} ${suite}`));
      const sdes = new SdesSession();
      const answer = peer.sdp({ profile: protocol, lines: [`a=crypto:${sdes.answer(parsed(cryptoOf(sdp)[1]))}`] });
      assert.equal((await leg.acceptAnswer(answer.replace('crypto:2', 'crypto:7'))).kind, 'unsupported', 'a tag that was not offered');
      assert.deepEqual(await leg.acceptAnswer(answer), { kind: 'agreed' });
      peer.encrypt(sdes.pair);
      await until(() => peer.packets.length > 5, 'encrypted audio');
      const plain = await leg.acceptAnswer(peer.sdp());
      assert.equal(plain.kind, srtp === 'required' ? 'unsupported' : 'agreed');
    });
  }

  it('gives no key to a description that does not travel over TLS', async () => {
    const peer = await calls.openPeer('PCMA');
    const { sdp } = await calls.offer(peer, { srtp: 'optional', isSignallingSecure: false });
    assert.deepEqual(cryptoOf(sdp), []);
    await assert.rejects(calls.offer(peer, { srtp: 'required', isSignallingSecure: false }), { code: 'media.srtp-needs-tls' });
    assert.equal((await fixture.media.stats()).legs, 1, 'no leg was left open');
  });
});

function parsed(value: string | undefined): NonNullable<ReturnType<typeof parseCrypto>> {
  const crypto = parseCrypto(value ?? '');
  assert.ok(crypto !== undefined, `not a crypto attribute: ${value}`);
  return crypto;
}
