import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { MediaLeg } from '../../server/call/ports.ts';
import type { MediaTerms, VoiceCodec } from '../../server/model/media-terms.ts';
import { dominantFrequency } from '../../server/media/listen/tone.ts';
import { readWav } from '../../server/media/listen/wav.ts';
import { Baresip } from '../support/baresip.ts';
import type { BaresipOptions } from '../support/baresip.ts';
import { nextCallId, nextLegId, startMedia } from './support/media-fixture.ts';
import type { MediaFixture } from './support/media-fixture.ts';
import { placeSipCall } from './support/place-sip-call.ts';
import { wait } from './support/rtp-peer.ts';

describe('telephones that are not ours (baresip)', function telephones() {
  this.timeout(30_000);
  let fixture: MediaFixture;
  const closing: (() => Promise<void>)[] = [];

  before(async () => { fixture = await startMedia(); });
  after(async () => { await fixture.close(); });
  afterEach(async () => { for (const close of closing.splice(0)) await close(); });

  /** Rings a telephone, which answers. @param propose - codecs of a second offer, made before the first is answered. */
  const call = async (options: Omit<BaresipOptions, 'number' | 'answers'>, terms: MediaTerms, propose?: readonly VoiceCodec[]): Promise<{ phone: Baresip; leg: MediaLeg; answer: string }> => {
    const phone = await Baresip.start({ number: '213550000001', answers: true, ...options });
    closing.unshift(() => phone.close());
    const { leg, sdp } = await fixture.media.offerLeg({ callId: nextCallId(), legId: nextLegId(), kind: 'rtp', terms });
    closing.unshift(() => leg.close());
    const placed = await placeSipCall(phone.sipPort, propose === undefined ? sdp : (await leg.propose(propose)).sdp);
    closing.unshift(() => placed.close());
    assert.deepEqual(await leg.acceptAnswer(placed.sdp), { kind: 'agreed' });
    return { phone, leg, answer: placed.sdp };
  };

  for (const [what, options, terms, expected] of [
    ['G.722', { codecs: ['G722/16000'] }, { codecs: ['G722', 'PCMA'], isSignallingSecure: false }, /RTP\/AVP 9/],
    ['SRTP that it asks for', { encryption: 'srtp-mand' }, { srtp: 'required', isSignallingSecure: true }, /RTP\/SAVP.*\r\n(?:.*\r\n)*a=crypto:\d AES_CM_128_HMAC_SHA1_80/],
    ['SRTP that both can (RFC 8643)', { encryption: 'srtp' }, { srtp: 'optional', isSignallingSecure: true }, /a=crypto/],
  ] as const) {
    it(`speaks ${what}: what it says and what it hears, by frequency`, async () => {
      const { phone, leg, answer } = await call({ toneHz: 440, ...options }, terms);
      assert.match(answer, expected);
      const path = join(fixture.directory, 'said.wav');
      const recording = await fixture.media.record(leg, path);
      const playback = leg.play(Array.from({ length: 4 }, () => ({ kind: 'prompt', language: 'fr', id: 'b700' } as const)));
      assert.equal(await playback.done, 'finished');
      await recording.stop();
      const { samples: said } = await readWav(path);
      assert.ok(Math.abs((dominantFrequency(said.subarray(4_000)) ?? 0) - 440) < 5, `said ${dominantFrequency(said.subarray(4_000))} Hz`);
      assert.ok(Math.abs(await heardBy(phone) - 700) < 5);
    });
  }

  /** The strongest frequency in the second half of what a telephone heard. */
  const heardBy = async (phone: Baresip): Promise<number> => {
    phone.hangUp();
    await wait(300);
    const { samples, sampleRate } = await readWav(await phone.heardFile());
    return dominantFrequency(samples.subarray(samples.length >> 1), sampleRate) ?? 0;
  };

  it('hear each other in Opus, which is passed on and never decoded here', async () => {
    const opus = { codecs: ['opus/48000/2'] };
    const terms = { isSignallingSecure: false };
    const carol = await call({ toneHz: 440, ...opus }, terms, ['opus', 'PCMA']);
    const alice = await call({ toneHz: 700, ...opus }, terms, ['opus', 'PCMA']);
    assert.match(carol.answer, /opus\/48000\/2/i);
    fixture.media.setHears(carol.leg, alice.leg, 1);
    fixture.media.setHears(alice.leg, carol.leg, 1);
    await wait(2_000);
    assert.deepEqual((await fixture.media.stats()).perLeg.map(({ route }) => route), ['forward', 'forward']);
    assert.ok(Math.abs(await heardBy(carol.phone) - 700) < 5);
    assert.ok(Math.abs(await heardBy(alice.phone) - 440) < 5);
  });
});
