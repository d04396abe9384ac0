import assert from 'node:assert/strict';
import type { MediaLeg } from '../../server/call/ports.ts';
import type { MixableCodec } from '../../server/media/codec/voice-codec.ts';
import { analyseTone } from '../../server/media/listen/tone.ts';
import type { CallId } from '../../server/model/ids.ts';
import type { Digit } from '../../server/model/digit.ts';
import type { VoiceCodec } from '../../server/model/media-terms.ts';
import { BrowserPhone } from './support/browser-phone.ts';
import { nextCallId, nextLegId, startMedia } from './support/media-fixture.ts';
import type { MediaFixture } from './support/media-fixture.ts';
import { RtpPeer, until, wait } from './support/rtp-peer.ts';

const VOICE_HZ = 620;

describe('WorkerMedia with headless Chromium', function () {
  this.timeout(40_000);
  let fixture: MediaFixture;
  let alice: BrowserPhone;
  const peers: RtpPeer[] = [];
  const legs: MediaLeg[] = [];
  const names: string[] = [];

  before(async () => {
    fixture = await startMedia();
    alice = await BrowserPhone.start(VOICE_HZ);
  });
  after(async () => {
    await alice.close();
    await fixture.close();
  });
  afterEach(async () => {
    for (const name of names.splice(0)) await alice.hangUp(name);
    for (const leg of legs.splice(0)) await leg.close();
    for (const peer of peers.splice(0)) await peer.close();
  });

  const open = async (options: { microphone?: boolean } = {}): Promise<string> => {
    const name = `phone${Math.random().toString(36).slice(2)}`;
    await alice.open(name, options);
    names.push(name);
    return name;
  };

  /** Our offer, answered by the browser: the agent's leg. */
  const ring = async (callId: CallId = nextCallId(), options: { microphone?: boolean } = {}): Promise<{ name: string; leg: MediaLeg }> => {
    const name = await open(options);
    const { leg, sdp } = await fixture.media.offerLeg({ callId, legId: nextLegId(), kind: 'webrtc' });
    legs.push(leg);
    assert.deepEqual(await leg.acceptAnswer(await alice.answer(name, sdp)), { kind: 'agreed' });
    return { name, leg };
  };

  /** The browser's offer, answered by us: the call-us page. */
  const callUs = async (): Promise<{ name: string; leg: MediaLeg }> => {
    const name = await open();
    const answered = await fixture.media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer: await alice.offer(name) });
    if (answered.kind !== 'agreed') throw new Error(answered.reason);
    legs.push(answered.leg);
    await alice.acceptAnswer(name, answered.sdp);
    return { name, leg: answered.leg };
  };

  const carolOn = async (codec: MixableCodec, callId: CallId = nextCallId()): Promise<{ peer: RtpPeer; leg: MediaLeg }> => {
    const peer = await RtpPeer.open(codec);
    peers.push(peer);
    const answered = await fixture.media.answerLeg({ callId, legId: nextLegId(), offer: peer.sdp() });
    if (answered.kind !== 'agreed') throw new Error(answered.reason);
    legs.push(answered.leg);
    peer.follow(answered.sdp);
    return { peer, leg: answered.leg };
  };

  const bridge = (one: MediaLeg, other: MediaLeg): void => {
    fixture.media.setHears(one, other, 1);
    fixture.media.setHears(other, one, 1);
  };

  const untilHears = async (name: string, frequency: number, limitMs = 6_000): Promise<void> => {
    const startedAt = performance.now();
    for (;;) {
      const heard = await alice.heard(name);
      if (Math.abs(heard.frequency - frequency) < 12 && heard.level > -60) return;
      if (performance.now() - startedAt > limitMs) throw new Error(`heard ${heard.frequency} Hz at ${heard.level} dB instead of ${frequency} Hz`);
      await wait(100);
    }
  };

  for (const [what, connect] of [['answers our offer', ring], ['makes us an offer', callUs]] as const) {
    for (const codec of ['PCMA', 'PCMU'] as const) {
      it(`passes a tone each way between a browser that ${what} and a ${codec} caller`, async () => {
        const browser = await connect();
        const { peer, leg } = await carolOn(codec);
        peer.startTone(1_000);
        bridge(leg, browser.leg);
        await untilHears(browser.name, 1_000);
        await wait(500);
        const from = peer.packets.length;
        await wait(800);
        const { share, levelDbfs } = analyseTone(peer.heard(from), VOICE_HZ);
        assert.ok(share > 0.9, `share ${share} level ${levelDbfs}`);
      });
    }
  }

  it('offers the codec of the call first, so that packets are forwarded without transcoding', async () => {
    const callId = nextCallId();
    const { peer, leg } = await carolOn('PCMU', callId);
    const browser = await ring(callId);
    peer.startTone(1_000);
    bridge(leg, browser.leg);
    await untilHears(browser.name, 1_000);
    const { perLeg } = await fixture.media.stats();
    assert.deepEqual(perLeg.map(({ route }) => route), ['forward', 'forward']);
  });

  it('speaks G.722 with a browser when the caller does, passed on as it comes', async () => {
    const callId = nextCallId();
    const { peer, leg } = await carolOn('G722', callId);
    const browser = await ring(callId);
    peer.startTone(1_000);
    bridge(leg, browser.leg);
    await untilHears(browser.name, 1_000);
    await wait(500);
    const from = peer.packets.length;
    await wait(500);
    assert.ok(analyseTone(peer.heard(from), VOICE_HZ).share > 0.9, String(analyseTone(peer.heard(from), VOICE_HZ).share));
    const { perLeg } = await fixture.media.stats();
    assert.deepEqual(perLeg.map(({ route }) => route), ['forward', 'forward']);
  });

  it('moves two browsers to Opus by offers of its own, and back to G.711 for a prompt', async () => {
    const [one, other] = [await ring(), await ring()];
    bridge(one.leg, other.leg);
    const moveTo = async (codecs: readonly VoiceCodec[], expected: RegExp): Promise<void> => {
      for (const { name, leg } of [one, other]) {
        const answer = await alice.answer(name, (await leg.propose(codecs)).sdp);
        assert.match(answer, expected);
        assert.deepEqual(await leg.acceptAnswer(answer), { kind: 'agreed' });
      }
    };
    await moveTo(['opus', 'PCMA'], /^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 111 8 /m);
    for (const { name } of [one, other]) await untilHears(name, VOICE_HZ);
    const { perLeg } = await fixture.media.stats();
    assert.deepEqual(perLeg.map(({ route }) => route), ['forward', 'forward']);
    const keys: Digit[] = [];
    one.leg.onDigit((digit) => keys.push(digit));
    await alice.press(one.name, '7');
    await until(() => keys.length === 1, 'a key on the clock of Opus (RFC 4733 §2.1)');
    assert.deepEqual(keys, ['7']);
    await moveTo(['PCMA', 'PCMU'], /^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 8 0 /m);
    fixture.media.setHears(one.leg, other.leg, 0);
    one.leg.play([{ kind: 'prompt', language: 'fr', id: 'c900' }], { loop: true });
    await untilHears(one.name, 900);
    await untilHears(other.name, VOICE_HZ);
  });

  it('lets nobody hear a browser that is not bridged', async () => {
    await ring();
    const { peer } = await carolOn('PCMA');
    await wait(800);
    assert.ok(analyseTone(peer.heard(), VOICE_HZ).levelDbfs < -80);
  });

  it('plays a prompt to a browser', async () => {
    const { name, leg } = await callUs();
    const playback = leg.play([{ kind: 'prompt', language: 'fr', id: 'c900' }], { loop: true });
    await untilHears(name, 900);
    playback.stop();
    assert.equal(await playback.done, 'stopped');
  });

  it('takes keys of a browser and passes them on to the caller, and the other way round (RFC 4733)', async () => {
    const browser = await ring();
    const { peer, leg } = await carolOn('PCMA');
    peer.startTone(1_000);
    bridge(leg, browser.leg);
    await untilHears(browser.name, 1_000);
    const keys: Digit[] = [];
    browser.leg.onDigit((digit) => keys.push(digit));
    await alice.press(browser.name, '42#');
    await until(() => keys.length === 3, 'three keys');
    assert.deepEqual(keys, ['4', '2', '#']);
    await until(() => peer.packets.filter(({ payloadType, payload }) => payloadType === 101 && ((payload[1] ?? 0) & 0x80) !== 0).length === 9, 'three keys at the caller');
    leg.onDigit((digit) => keys.push(digit));
    peer.stopTone();
    peer.sendKey(7);
    await until(() => keys.length === 4, 'a key of the caller');
    peer.startTone(1_000);
    await untilHears(browser.name, 1_000);
  });

  it('works when the browser hides its addresses behind mDNS names', async () => {
    const { name, leg } = await ring(nextCallId(), { microphone: false });
    leg.play([{ kind: 'prompt', language: 'fr', id: 'b700' }], { loop: true });
    await untilHears(name, 700);
  });

  it('answers a new offer of a connected browser: hold and back', async () => {
    const { name, leg } = await callUs();
    const { peer, leg: carol } = await carolOn('PCMA');
    peer.startTone(1_000);
    bridge(leg, carol);
    await untilHears(name, 1_000);
    await alice.setDirection(name, 'sendonly');
    const held = await leg.reoffer(await alice.offer(name));
    if (held.kind !== 'agreed') throw new Error(held.reason);
    assert.match(held.sdp, /a=recvonly/);
    await alice.acceptAnswer(name, held.sdp);
    await alice.setDirection(name, 'sendrecv');
    const back = await leg.reoffer(await alice.offer(name));
    if (back.kind !== 'agreed') throw new Error(back.reason);
    await alice.acceptAnswer(name, back.sdp);
    await untilHears(name, 1_000);
    const from = peer.packets.length;
    await wait(500);
    assert.ok(analyseTone(peer.heard(from), VOICE_HZ).share > 0.9);
  });

  it('follows a browser that restarts ICE (RFC 8445 §2.4)', async () => {
    const { name, leg } = await callUs();
    const { peer, leg: carol } = await carolOn('PCMA');
    peer.startTone(1_000);
    bridge(leg, carol);
    await untilHears(name, 1_000);
    await alice.restartIce(name);
    const again = await leg.reoffer(await alice.offer(name));
    if (again.kind !== 'agreed') throw new Error(again.reason);
    await alice.acceptAnswer(name, again.sdp);
    await wait(1_000);
    const from = peer.packets.length;
    await wait(500);
    assert.ok(analyseTone(peer.heard(from), VOICE_HZ).share > 0.9);
    peer.stopTone();
    peer.startTone(1_300);
    await untilHears(name, 1_300);
  });

  it('refuses a browser that wants video too, and one that speaks neither law of G.711', async () => {
    const offer = await alice.offer(await open());
    const answerTo = (sdp: string) => fixture.media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer: sdp });
    const video = await answerTo(`${offer}m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n`);
    assert.equal(video.kind === 'unsupported' && /video/.test(video.reason), true);
    const opusOnly = await answerTo(offer.replace(/^(m=audio \d+ \S+) .*$/m, '$1 111'));
    assert.equal(opusOnly.kind === 'unsupported' && /codec/.test(opusOnly.reason), true);
    assert.equal((await fixture.media.stats()).ports, 0);
  });

  it('fails a leg whose browser left without a BYE, after giving it time for one', async () => {
    const { name, leg } = await callUs();
    leg.play([{ kind: 'prompt', language: 'fr', id: 'c900' }], { loop: true });
    await untilHears(name, 900);
    const leftAt = performance.now();
    await alice.hangUp(names.pop() ?? name);
    assert.deepEqual(await leg.failed, { reason: 'browser-left' });
    assert.ok(performance.now() - leftAt > 1_900);
  });

  it('closes the port of a browser with its leg', async () => {
    const { leg } = await ring();
    assert.equal((await fixture.media.stats()).ports, 1);
    await leg.close();
    assert.equal((await fixture.media.stats()).ports, 0);
  });
});
