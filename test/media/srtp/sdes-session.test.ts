import assert from 'node:assert/strict';
import { writeRtpHeader } from '../../../server/media/rtp/packet.ts';
import { parseCrypto } from '../../../server/media/sdp/crypto-attribute.ts';
import type { CryptoAttribute } from '../../../server/media/sdp/crypto-attribute.ts';
import { SdesSession } from '../../../server/media/srtp/sdes-session.ts';

const crypto = (value: string | undefined): CryptoAttribute => {
  const parsed = parseCrypto(value ?? '');
  if (parsed === undefined) throw new Error(`not a crypto attribute: ${value}`);
  return parsed;
};

/** Sends one packet from one session to the other. @returns whether it was understood. */
const passes = (from: SdesSession, to: SdesSession, sequence: number): boolean => {
  const packet = Buffer.alloc(172, 9);
  writeRtpHeader(packet, { payloadType: 8, marker: false, sequence, timestamp: sequence * 160, ssrc: 7 });
  const sealed = from.pair?.outbound.protect(packet);
  return sealed !== undefined && to.pair?.inbound.unprotect(sealed)?.equals(packet) === true;
};

/** Lets Carol offer and Allo answer with the key at this place. @returns our answer. */
function negotiate(carol: SdesSession, allo: SdesSession, choice = 0): string {
  const answer = allo.answer(crypto(carol.offer()[choice]));
  assert.equal(carol.accept(crypto(answer)), true);
  return answer;
}

describe('SdesSession', () => {
  for (const [choice, suite] of ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_32'].entries()) {
    it(`agrees on ${suite} with the tag of the offer and a key of its own (RFC 4568 §5.1.2)`, () => {
      const [carol, allo] = [new SdesSession(), new SdesSession()];
      const answer = negotiate(carol, allo, choice);
      assert.match(answer, new RegExp(`^${choice + 1} ${suite} inline:`));
      assert.ok(passes(carol, allo, 1) && passes(allo, carol, 1));
    });
  }

  it('makes other keys for each offer and each leg', () => {
    const keys = [new SdesSession(), new SdesSession()].flatMap((session) => [...session.offer(), ...session.offer()]).map((line) => line.split('inline:')[1]);
    assert.equal(new Set(keys).size, 12);
  });

  it('refuses an answer with a tag or a suite that was not offered (RFC 4568 §5.1.3)', () => {
    const carol = new SdesSession();
    const [first = ''] = carol.offer();
    const allo = new SdesSession();
    assert.equal(carol.accept(crypto(allo.answer(crypto(first.replace(/^1 /, '9 '))))), false);
    assert.equal(carol.accept(crypto(allo.answer(crypto(first.replace('SHA1_80', 'SHA1_32'))))), false);
    assert.equal(carol.pair, undefined);
  });

  it('goes on with both packet counts when the offer is the same again: a refresh', () => {
    const [carol, allo] = [new SdesSession(), new SdesSession()];
    const [offer] = carol.offer();
    const first = allo.answer(crypto(offer));
    carol.accept(crypto(first));
    for (const sequence of [65_534, 65_535, 0]) assert.ok(passes(carol, allo, sequence) && passes(allo, carol, sequence));
    assert.equal(allo.answer(crypto(offer)), first);
    assert.ok(passes(carol, allo, 1) && passes(allo, carol, 1), 'after the roll-over');
  });

  it('answers another key of the peer with another of its own, and begins both counts anew', () => {
    const [carol, allo, dave] = [new SdesSession(), new SdesSession(), new SdesSession()];
    const first = negotiate(carol, allo);
    for (const sequence of [65_535, 0]) assert.ok(passes(allo, carol, sequence));
    const second = negotiate(dave, allo);
    assert.notEqual(first.split('inline:')[1], second.split('inline:')[1]);
    assert.ok(passes(dave, allo, 5) && passes(allo, dave, 1));
    assert.equal(passes(carol, allo, 1), false);
  });

  it('keeps the peer\'s count when only our own offer is new', () => {
    const [carol, allo] = [new SdesSession(), new SdesSession()];
    const [carolsLine] = carol.offer();
    carol.accept(crypto(allo.answer(crypto(carolsLine))));
    for (const sequence of [65_535, 0]) assert.ok(passes(carol, allo, sequence));
    allo.offer();
    assert.equal(allo.accept(crypto(carolsLine)), true, 'she answers with the key that she has');
    assert.ok(passes(carol, allo, 1));
  });
});
