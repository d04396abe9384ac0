import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CRYPTO_SUITES, formatCrypto, parseCrypto } from '../../../server/media/sdp/crypto-attribute.ts';
import { MASTER_LENGTHS } from '../../../server/media/srtp/packet-cipher.ts';

/** Key and salt of the example of RFC 4568 §6.1. */
const EXAMPLE = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';
const CM = 'AES_CM_128_HMAC_SHA1_80';
const OTHER = Buffer.alloc(30, 7).toString('base64');

describe('parseCrypto', () => {
  it('reads tag, suite, key and salt (RFC 4568 §9.1)', () => {
    const crypto = parseCrypto(`1 ${CM} inline:${EXAMPLE}`);
    const [key] = crypto?.keys ?? [];
    assert.deepEqual([crypto?.tag, crypto?.suite], [1, CM]);
    assert.equal(Buffer.concat([key?.master.key ?? Buffer.alloc(0), key?.master.salt ?? Buffer.alloc(0)]).toString('base64'), EXAMPLE);
    assert.deepEqual([key?.master.key.length, key?.master.salt.length, key?.mki], [16, 14, undefined]);
  });

  for (const [what, value, mki] of [
    ['a lifetime', `1 ${CM} inline:${EXAMPLE}|2^20`, ''], ['a lifetime in digits', `1 ${CM} inline:${EXAMPLE}|1048576`, ''],
    ['a lifetime and an MKI', `1 ${CM} inline:${EXAMPLE}|2^31|1:4`, '00000001'], ['an MKI alone', `1 ${CM} inline:${EXAMPLE}|513:2`, '0201'],
    ['a suite in lower case', `1 ${CM.toLowerCase()} inline:${EXAMPLE}`, ''], ['a window hint', `1 ${CM} inline:${EXAMPLE} WSH=128`, ''],
    ['an unknown parameter that may be ignored', `1 ${CM} inline:${EXAMPLE} -NEW=1 FEC_ORDER=FEC_SRTP`, ''],
  ] as const) {
    it(`takes ${what} (§6.1, §6.3)`, () => {
      const crypto = parseCrypto(value);
      assert.equal(crypto?.keys[0].mki?.toString('hex') ?? '', mki);
      assert.ok(crypto);
    });
  }

  it('takes several keys that are told apart by MKIs of one length (§6.1)', () => {
    const crypto = parseCrypto(`1 ${CM} inline:${EXAMPLE}|2^20|1:4;inline:${OTHER}|2^20|2:4`);
    assert.deepEqual(crypto?.keys.map(({ mki }) => mki?.readUInt32BE()), [1, 2]);
  });

  for (const [what, value] of [
    ['nothing', ''], ['no key', `1 ${CM}`], ['a tag that is no number', `x ${CM} inline:${EXAMPLE}`], ['an unknown suite', `1 F8_128_HMAC_SHA1_80 inline:${EXAMPLE}`],
    ['a key of another method', `1 ${CM} uri:https://keys.example`], ['a key too short', `1 ${CM} inline:${Buffer.alloc(29).toString('base64')}`],
    ['a key too long', `1 ${CM} inline:${Buffer.alloc(31).toString('base64')}`], ['a key of another suite\'s length', `1 AEAD_AES_128_GCM inline:${EXAMPLE}`],
    ['a lifetime too short to be of use', `1 ${CM} inline:${EXAMPLE}|2^10`], ['a lifetime that is none', `1 ${CM} inline:${EXAMPLE}|forever`],
    ['an MKI longer than it says', `1 ${CM} inline:${EXAMPLE}|256:1`], ['an MKI without length', `1 ${CM} inline:${EXAMPLE}|2^20|1:0`],
    ['two keys that nothing tells apart', `1 ${CM} inline:${EXAMPLE};inline:${OTHER}`],
    ['two keys with the same MKI', `1 ${CM} inline:${EXAMPLE}|1:1;inline:${OTHER}|1:1`],
    ['MKIs of two lengths', `1 ${CM} inline:${EXAMPLE}|1:1;inline:${OTHER}|2:2`],
    ['no encryption', `1 ${CM} inline:${EXAMPLE} UNENCRYPTED_SRTP`], ['no authentication', `1 ${CM} inline:${EXAMPLE} UNAUTHENTICATED_SRTP`],
    ['RTCP in clear', `1 ${CM} inline:${EXAMPLE} UNENCRYPTED_SRTCP`], ['keys that are derived again and again', `1 ${CM} inline:${EXAMPLE} KDR=10`],
  ] as const) {
    it(`refuses ${what}`, () => { assert.equal(parseCrypto(value), undefined); });
  }

  it('reads what formatCrypto writes, for every suite, and survives anything', () => {
    for (const suite of CRYPTO_SUITES) {
      const { key, salt } = MASTER_LENGTHS[suite];
      const master = { key: Buffer.alloc(key, 1), salt: Buffer.alloc(salt, 2) };
      assert.deepEqual(parseCrypto(formatCrypto(3, suite, master)), { tag: 3, suite, keys: [{ master }] });
    }
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (value) => { parseCrypto(value); parseCrypto(`1 ${CM} inline:${value}`); }));
  });
});
