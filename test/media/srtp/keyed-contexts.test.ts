import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { writeRtpHeader } from '../../../server/media/rtp/packet.ts';
import { CRYPTO_SUITES } from '../../../server/media/sdp/crypto-attribute.ts';
import { KeyedContexts } from '../../../server/media/srtp/keyed-contexts.ts';
import { MASTER_LENGTHS } from '../../../server/media/srtp/packet-cipher.ts';
import { SrtpContext } from '../../../server/media/srtp/srtp-context.ts';

const makePacket = (sequence: number): Buffer => {
  const packet = Buffer.concat([Buffer.alloc(12), randomBytes(160)]);
  writeRtpHeader(packet, { payloadType: 8, marker: false, sequence, timestamp: sequence * 160, ssrc: 0xcafe });
  return packet;
};
const REPORT = Buffer.concat([Buffer.from('80c90001', 'hex'), Buffer.alloc(4, 5), Buffer.from('81ca0001', 'hex'), Buffer.alloc(4, 6)]);

for (const suite of CRYPTO_SUITES) {
  describe(`KeyedContexts with ${suite} (RFC 3711 §3.1)`, () => {
    const lengths = MASTER_LENGTHS[suite];
    const makeKey = (mki: string): { master: { key: Buffer; salt: Buffer }; mki: Buffer } =>
      ({ master: { key: randomBytes(lengths.key), salt: randomBytes(lengths.salt) }, mki: Buffer.from(mki, 'hex') });
    const keys = [makeKey('00000001'), makeKey('00000002')] as const;
    /** Puts an MKI where its sender does: before a tag of HMAC, after the ciphertext of GCM. */
    const withMki = (sealed: Buffer, mki: Buffer, tagBytes: number): Buffer => {
      const end = sealed.length - (suite === 'AEAD_AES_128_GCM' ? 0 : tagBytes);
      return Buffer.concat([sealed.subarray(0, end), mki, sealed.subarray(end)]);
    };

    it('opens RTP and RTCP with the key that they name, in any order', () => {
      const inbound = KeyedContexts.for(suite, keys);
      const senders = keys.map(({ master }) => new SrtpContext(suite, master));
      for (const [i, which] of [0, 1, 1, 0].entries()) {
        const [sender, key] = [senders[which], keys[which as 0 | 1]]; // A cast because the table holds nothing else.
        const packet = makePacket(i);
        assert.deepEqual(inbound.unprotect(withMki(sender?.protect(packet) ?? Buffer.alloc(0), key.mki, suite.endsWith('32') ? 4 : 10)), packet);
        assert.deepEqual(inbound.unprotectControl(withMki(sender?.protectControl(REPORT) ?? Buffer.alloc(0), key.mki, 10)), REPORT);
      }
    });

    it('refuses packets that name another key than theirs, an unknown one, or none', () => {
      const inbound = KeyedContexts.for(suite, keys);
      const sealed = new SrtpContext(suite, keys[0].master).protect(makePacket(1));
      const tagBytes = suite.endsWith('32') ? 4 : 10;
      for (const mki of [keys[1].mki, Buffer.from('00000003', 'hex'), Buffer.alloc(0)]) assert.equal(inbound.unprotect(withMki(sealed, mki, tagBytes)), undefined);
    });

    it('survives anything that comes over the network', () => {
      const inbound = KeyedContexts.for(suite, keys);
      fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        assert.equal(inbound.unprotect(Buffer.from(bytes)), undefined);
        assert.equal(inbound.unprotectControl(Buffer.from(bytes)), undefined);
      }));
    });
  });
}
