import assert from 'node:assert/strict';
import type { PlainWishes } from '../../../server/media/sdp/agree-plain.ts';
import { offeredFormats } from '../../../server/media/sdp/write-plain.ts';
import { agree, agreed, sdp } from '../support/sdp-text.ts';

const CRYPTO = 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
const EVENTS = ['a=rtpmap:101 telephone-event/8000', 'a=rtpmap:110 telephone-event/48000', 'a=rtpmap:111 opus/48000/2'];
const offer = (formats: string, ...lines: readonly string[]): string => sdp(`m=audio 4000 RTP/AVP ${formats}`, ...EVENTS, ...lines);
const reasonOf = (text: string, wishes?: Partial<PlainWishes>): string => {
  const negotiation = agree(text, wishes);
  return negotiation.kind === 'agreed' ? 'agreed' : negotiation.reason;
};

describe('agreeOnPlain', () => {
  describe('given a choice of codecs (RFC 3264 §6.1)', () => {
    for (const [what, formats, wishes, codec] of [
      ['the first of G.711 in the offer', '0 8', {}, 'PCMU'],
      ['G.711 before a G.722 that is offered first', '9 0 8', {}, 'PCMU'],
      ['G.722 when there is no G.711', '9 18', {}, 'G722'],
      ['what the call speaks already', '0 8', { prefer: 'PCMA' }, 'PCMA'],
      ['what the call speaks already, G.722', '0 8 9', { prefer: 'G722' }, 'G722'],
      ['the first of the offer when it lacks what the call speaks', '0 8', { prefer: 'G722' }, 'PCMU'],
      ['the order of the trunk', '0 8 9', { codecs: ['G722', 'PCMA'] }, 'G722'],
      ['only what the trunk may speak', '9 0 8', { codecs: ['PCMA'] }, 'PCMA'],
      ['what the call speaks only when the trunk may', '0 8 9', { codecs: ['PCMA', 'PCMU'], prefer: 'G722' }, 'PCMA'],
      ['Opus when the call speaks it', '111 0', { prefer: 'opus' }, 'opus'],
      ['no Opus otherwise', '111 0', { codecs: ['opus', 'PCMU'] }, 'PCMU'],
    ] as const) {
      it(`takes ${what}`, () => { assert.equal(agreed(offer(formats), wishes).audio.codec, codec); });
    }

    it('refuses an offer of Opus alone when the call does not speak it', () => {
      assert.match(reasonOf(offer('111 101')), /no codec in common/);
    });
  });

  describe('given payload types (RFC 3264 §5.1)', () => {
    it('understands the codec that was chosen, the other law, events on both clocks and comfort noise', () => {
      const { inbound } = agreed(offer('8 97 0 9 101 110', 'a=rtpmap:97 PCMA/8000')).audio;
      assert.deepEqual([...inbound].sort(([one], [other]) => one - other), [
        [0, 'PCMU'], [8, 'PCMA'], [13, 'comfort-noise'], [97, 'PCMA'], [101, 'event-8000'], [110, 'event-48000'],
      ]);
    });

    it('sends the types of the peer and understands our own when its answer numbers them otherwise', () => {
      const { audio } = agreed(sdp('m=audio 4000 RTP/AVP 98 99', 'a=rtpmap:98 G722/8000', 'a=rtpmap:99 telephone-event/8000'), {
        offered: offeredFormats(['G722', 'PCMA'], 'auto'),
      });
      assert.deepEqual([audio.codec, audio.payloadType, audio.events?.payloadType], ['G722', 98, 99]);
      assert.deepEqual([9, 101, 98, 99, 8].map((type) => audio.inbound.get(type)), ['G722', 'event-8000', 'G722', 'event-8000', 'PCMA']);
    });

    it('takes the choice of an answer, not our order, and nothing that was not offered', () => {
      const offered = offeredFormats(['PCMA', 'PCMU'], 'auto');
      assert.equal(agreed(offer('0 8'), { offered, prefer: 'PCMA' }).audio.codec, 'PCMU');
      assert.match(reasonOf(offer('9'), { offered }), /no codec in common/);
    });
  });

  describe('given a way of keys', () => {
    for (const [dtmf, formats, events, listens] of [
      ['auto', '0 101', 101, false], ['auto', '0', undefined, true], ['rfc4733', '0 101', 101, false], ['rfc4733', '0', undefined, false],
      ['info', '0 101', undefined, false], ['inband', '0 101', undefined, true],
    ] as const) {
      it(`${dtmf} with an offer of ${formats}: ${events === undefined ? 'no events' : 'events'}, tones ${listens ? '' : 'not '}looked for`, () => {
        const { audio } = agreed(offer(formats), { dtmf });
        assert.deepEqual([audio.events?.payloadType, audio.listensForTones], [events, listens]);
        assert.equal(audio.inbound.has(101), events !== undefined);
      });
    }

    it('takes the events of the voice\'s clock, else those there are (RFC 4733 §2.1)', () => {
      assert.equal(agreed(offer('111 0 101 110'), { prefer: 'opus' }).audio.events?.clockRate, 48_000);
      assert.equal(agreed(offer('111 0 110 101')).audio.events?.clockRate, 8_000);
      assert.equal(agreed(offer('111 101'), { prefer: 'opus' }).audio.events?.clockRate, 8_000);
    });
  });

  describe('given several sections', () => {
    it('takes the first that it can speak', () => {
      const text = sdp('m=audio 4000 RTP/AVP 18', 'm=video 4002 RTP/AVP 99', 'm=audio 4004 RTP/AVP 8', 'm=audio 4006 RTP/AVP 0');
      assert.equal(agreed(text).section.index, 2);
    });

    it('says what the first lacks when it can speak none', () => {
      assert.match(reasonOf(sdp('m=audio 4000 RTP/AVP 18', 'm=audio 4004 TCP/RTP/AVP 8')), /no codec in common.*got 18/);
    });

    for (const [srtp, index] of [['off', 0], ['optional', 1], ['required', 1]] as const) {
      it(`takes ${index === 0 ? 'the plain' : 'the encrypted'} one of two when SRTP is ${srtp}`, () => {
        const text = sdp('m=audio 4000 RTP/AVP 8', 'm=audio 4002 RTP/SAVP 8', CRYPTO);
        assert.equal(agreed(text, { terms: { srtp, isSignallingSecure: true } }).section.index, index);
      });
    }
  });

  describe('given a policy of encryption (RFC 4568)', () => {
    const secure = sdp('m=audio 4000 RTP/SAVP 8', CRYPTO);
    const best = sdp('m=audio 4000 RTP/AVP 8', CRYPTO);
    const plain = sdp('m=audio 4000 RTP/AVP 8');
    for (const [srtp, isSignallingSecure, text, outcome] of [
      ['off', true, secure, /SRTP is off/], ['off', true, best, 'plain'], ['off', true, plain, 'plain'],
      ['optional', true, secure, 'encrypted'], ['optional', true, best, 'encrypted'], ['optional', true, plain, 'plain'],
      ['optional', false, secure, /TLS/], ['optional', false, best, 'plain'], ['optional', false, plain, 'plain'],
      ['required', true, secure, 'encrypted'], ['required', true, best, 'encrypted'], ['required', true, plain, /without a crypto attribute/],
      ['required', false, secure, /TLS/], ['required', false, plain, /TLS/],
    ] as const) {
      const offered = text === secure ? 'RTP/SAVP with a key' : text === best ? 'RTP/AVP with a key (RFC 8643)' : 'RTP/AVP without a key';
      it(`${srtp}, signalling ${isSignallingSecure ? 'over TLS' : 'in clear'}: ${offered} is ${typeof outcome === 'string' ? outcome : 'refused'}`, () => {
        const negotiation = agree(text, { terms: { srtp, isSignallingSecure } });
        if (typeof outcome === 'string') assert.equal(negotiation.kind === 'agreed' && (negotiation.crypto === undefined ? 'plain' : 'encrypted'), outcome);
        else assert.match(reasonOf(text, { terms: { srtp, isSignallingSecure } }), outcome);
      });
    }

    it('takes the first key that it understands, and refuses encryption without one', () => {
      const unknown = 'a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:AAAA';
      const terms = { srtp: 'optional', isSignallingSecure: true } as const;
      assert.equal(agreed(sdp('m=audio 4000 RTP/SAVP 8', unknown, CRYPTO.replace(':1 ', ':2 ')), { terms }).crypto?.tag, 2);
      assert.match(reasonOf(sdp('m=audio 4000 RTP/SAVP 8', unknown), { terms }), /crypto attribute/);
    });
  });

  it('refuses an address of another family than its own, and takes IPv6 where it is IPv6', () => {
    const text = sdp('m=audio 4000 RTP/AVP 8', 'c=IN IP6 2001:db8::1');
    assert.match(reasonOf(text), /another family/);
    assert.equal(agreed(text, { address: '2001:db8::7' }).peer.rtp?.address, '2001:db8::1');
  });

  for (const [lines, listens, sends] of [
    [['a=sendrecv'], true, true], [['a=sendonly'], false, true], [['a=recvonly'], true, false], [['a=inactive'], false, false],
    [['c=IN IP4 0.0.0.0'], false, true], [['c=IN IP4 0.0.0.0', 'a=recvonly'], false, false],
  ] as const) {
    it(`reads ${lines.join(' ')}: the peer ${listens ? 'listens' : 'does not listen'} and ${sends ? 'sends' : 'does not send'} (RFC 3264 §8.4)`, () => {
      const { audio } = agreed(sdp('m=audio 4000 RTP/AVP 8', ...lines));
      assert.deepEqual([audio.peerListens, audio.peerSends], [listens, sends]);
    });
  }
});
