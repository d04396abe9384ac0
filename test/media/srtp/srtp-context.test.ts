import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { CounterCipher, GcmCipher } from '../../../server/media/srtp/packet-cipher.ts';
import type { SrtpProfile } from '../../../server/media/srtp/packet-cipher.ts';
import { deriveSessionKey, KEY_LABELS } from '../../../server/media/srtp/key-derivation.ts';
import { PacketIndex } from '../../../server/media/srtp/packet-index.ts';
import { SrtpContext } from '../../../server/media/srtp/srtp-context.ts';
import { writeRtpHeader } from '../../../server/media/rtp/packet.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

describe('deriveSessionKey', () => {
  const key = hex('E1F97A0D3E018BE0D64FA32C06DE4139');
  const salt = hex('0EC675AD498AFEEBB6960B3AABE6');
  it('derives the keys of the test vector (RFC 3711 B.3)', () => {
    assert.deepEqual(deriveSessionKey(key, salt, KEY_LABELS.rtpCipher, 16), hex('C61E7A93744F39EE10734AFE3FF7A087'));
    assert.deepEqual(deriveSessionKey(key, salt, KEY_LABELS.rtpSalt, 14), hex('30CBBC08863D8C85D49DB34A9AE1'));
    // The vector goes on for 94 bytes; an HMAC-SHA1 key is the first 20 of them.
    assert.deepEqual(deriveSessionKey(key, salt, KEY_LABELS.rtpAuth, 94), hex(`
      CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE E049646C43D9327AD175578EF7227098
      6371C10C9A369AC2F94A8C5FBCDDDC25 6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2`));
  });
});

describe('CounterCipher', () => {
  it('makes the key stream of the test vector (RFC 3711 B.2)', () => {
    const cipher = new CounterCipher(hex('2B7E151628AED2A6ABF7158809CF4F3C'), hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'), Buffer.alloc(20));
    const stream = cipher.keyStream(0xff02 * 16, { ssrc: 0, index: 0 });
    assert.deepEqual(stream.subarray(0, 48), hex('E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0'));
    assert.deepEqual(stream.subarray(0xfeff * 16), hex('EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE 6A2CC3787889374FBEB4C81B17BA6C44'));
  });
});

describe('GcmCipher', () => {
  const key = hex('000102030405060708090a0b0c0d0e0f');
  const salt = hex('517569642070726f2071756f');

  it('encrypts the packet of the test vector (RFC 7714 §16.1.1)', () => {
    const plain = hex('8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573');
    const packet = Buffer.concat([plain, Buffer.alloc(16)]);
    new GcmCipher(key, salt, 'rtp').seal(packet, 12, { ssrc: 0x5501a0b2, index: 0xf17b }, Buffer.alloc(4));
    assert.deepEqual(packet, hex('8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce'));
    assert.equal(new GcmCipher(key, salt, 'rtp').open(packet, 12, { ssrc: 0x5501a0b2, index: 0xf17b }, Buffer.alloc(4)), true);
    assert.deepEqual(packet.subarray(0, plain.length), plain);
  });

  it('encrypts the RTCP packet of the test vector (RFC 7714 §17.1)', () => {
    const plain = hex('81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef');
    const packet = Buffer.concat([plain, Buffer.alloc(16)]);
    new GcmCipher(key, salt, 'rtcp').seal(packet, 8, { ssrc: 0x4d617273, index: 0x5d4 }, hex('800005d4'));
    assert.deepEqual(packet.subarray(8, 24), hex('63e94885dcdab67ca727d7662f6b7e99'));
    assert.equal(new GcmCipher(key, salt, 'rtcp').open(packet, 8, { ssrc: 0x4d617273, index: 0x5d4 }, hex('800005d4')), true);
    assert.deepEqual(packet.subarray(0, plain.length), plain);
  });
});

describe('PacketIndex', () => {
  it('follows the sequence number over its end, forwards and back (RFC 3711 §3.3.1)', () => {
    const index = new PacketIndex();
    for (const [sequence, expected] of [[65_534, 65_534], [65_535, 65_535], [1, 65_537], [0, 65_536], [65_533, 65_533], [2, 65_538]] as const) {
      assert.equal(index.estimate(sequence), expected);
      index.remember(expected);
    }
  });

  it('knows replays and packets too old to know (RFC 3711 §3.3.2)', () => {
    const index = new PacketIndex();
    for (const seen of [1_000, 1_002]) index.remember(seen);
    assert.deepEqual([1_000, 1_001, 1_002, 1_003, 874, 875].map((i) => index.isReplay(i)), [true, false, true, false, true, false]);
  });
});

describe('SrtpContext, against packets of libsrtp', () => {
  const master = { key: hex('e1f97a0d3e018be0d64fa32c06de4139'), salt: hex('0ec675ad498afeebb6960b3aabe6') };
  const plain = hex('800f1234decafbadcafebabeabababababababababababababababab');
  const plainControl = hex('81c8000bcafebabeabababababababababababababababab');

  it('encrypts and opens RTP of AES_CM_128_HMAC_SHA1_80', () => {
    const sealed = hex('800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb');
    assert.deepEqual(new SrtpContext('AES_CM_128_HMAC_SHA1_80', master).protect(plain), sealed);
    assert.deepEqual(new SrtpContext('AES_CM_128_HMAC_SHA1_80', master).unprotect(Buffer.from(sealed)), plain);
  });

  it('gives the same RTP a tag of 4 bytes under AES_CM_128_HMAC_SHA1_32 (RFC 4568 §6.2.2)', () => {
    const sealed = hex('800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc');
    assert.deepEqual(new SrtpContext('AES_CM_128_HMAC_SHA1_32', master).protect(plain), sealed);
    assert.deepEqual(new SrtpContext('AES_CM_128_HMAC_SHA1_32', master).unprotect(Buffer.from(sealed)), plain);
  });

  for (const profile of ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const) {
    it(`opens RTCP of ${profile}, whose tag has 10 bytes in both (RFC 3711 §5.2)`, () => {
      const sealed = hex('81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798');
      assert.deepEqual(new SrtpContext(profile, master).unprotectControl(sealed), plainControl);
    });
  }
});

for (const profile of ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM'] as const satisfies readonly SrtpProfile[]) {
  describe(`SrtpContext with ${profile}`, () => {
    const makePair = (): { sender: SrtpContext; receiver: SrtpContext } => {
      const master = { key: randomBytes(16), salt: randomBytes(profile === 'AEAD_AES_128_GCM' ? 12 : 14) };
      return { sender: new SrtpContext(profile, master), receiver: new SrtpContext(profile, master) };
    };
    const makePacket = (sequence: number, payload: Uint8Array = randomBytes(160)): Buffer => {
      const packet = Buffer.alloc(12 + payload.length);
      writeRtpHeader(packet, { payloadType: 8, marker: false, sequence, timestamp: sequence * 160, ssrc: 0xcafe });
      packet.set(payload, 12);
      return packet;
    };

    it('gives back what it took, over the end of the sequence numbers and in any near order', () => {
      const { sender, receiver } = makePair();
      const packets = Array.from({ length: 200 }, (_, i) => makePacket((65_450 + i) & 0xffff));
      const sealed = packets.map((packet) => sender.protect(packet));
      for (let i = 0; i + 1 < sealed.length; i += 2) {
        for (const place of [i + 1, i]) assert.deepEqual(receiver.unprotect(Buffer.from(sealed[place] ?? [])), packets[place]);
      }
    });

    it('follows the roll-over count through ten wraps and losses of up to 32,000 packets (RFC 3711 §3.3.1)', () => {
      const { sender, receiver } = makePair();
      for (let sequence = 30_000, i = 0; i < 40; sequence += 20_000, i += 1) {
        const packet = makePacket(sequence & 0xffff);
        assert.deepEqual(receiver.unprotect(sender.protect(packet)), packet, `packet ${i}`);
      }
    });

    it('opens a source whose first packets, and the end of its numbers among them, were lost', () => {
      const { sender, receiver } = makePair();
      const sealed = [65_533, 65_534, 65_535, 0, 1, 2].map((sequence) => sender.protect(makePacket(sequence)));
      assert.ok(receiver.unprotect(Buffer.from(sealed[4] ?? [])));
      assert.ok(receiver.unprotect(Buffer.from(sealed[5] ?? [])));
      assert.ok(receiver.unprotect(Buffer.from(sealed[2] ?? [])), 'a late one from before the end');
      assert.equal(receiver.unprotect(Buffer.from(sealed[4] ?? [])), undefined);
    });

    it('refuses packets too old for the window, however authentic (RFC 3711 §3.3.2)', () => {
      const { sender, receiver } = makePair();
      const sealed = Array.from({ length: 200 }, (_, i) => sender.protect(makePacket(i)));
      assert.ok(receiver.unprotect(Buffer.from(sealed[199] ?? [])));
      assert.equal(receiver.unprotect(Buffer.from(sealed[71] ?? [])), undefined);
      assert.ok(receiver.unprotect(Buffer.from(sealed[72] ?? [])));
    });

    it('keeps the counts of two sources apart', () => {
      const { sender, receiver } = makePair();
      const other = (sequence: number): Buffer => {
        const packet = makePacket(sequence);
        packet.writeUInt32BE(0xbeef, 8);
        return packet;
      };
      for (const packet of [makePacket(65_535), other(5), makePacket(0), other(6), makePacket(1)]) {
        assert.deepEqual(receiver.unprotect(sender.protect(packet)), packet);
      }
    });

    it('refuses a replay, and a packet with any bit changed', () => {
      const { sender, receiver } = makePair();
      const sealed = sender.protect(makePacket(7));
      fc.assert(fc.property(fc.integer({ min: 0, max: sealed.length * 8 - 1 }), (bit) => {
        const forged = Buffer.from(sealed);
        forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.equal(receiver.unprotect(forged), undefined);
      }));
      assert.ok(receiver.unprotect(Buffer.from(sealed)));
      assert.equal(receiver.unprotect(Buffer.from(sealed)), undefined);
    });

    it('does the same for RTCP (RFC 3711 §3.4)', () => {
      const { sender, receiver } = makePair();
      const report = Buffer.concat([hex('80c90001'), randomBytes(4), hex('81ca0001'), randomBytes(4)]);
      const [first, second] = [sender.protectControl(report), sender.protectControl(report)];
      assert.deepEqual(receiver.unprotectControl(Buffer.from(second)), report);
      assert.deepEqual(receiver.unprotectControl(Buffer.from(first)), report);
      assert.equal(receiver.unprotectControl(Buffer.from(first)), undefined);
      const forged = sender.protectControl(report);
      forged[9] = (forged[9] ?? 0) ^ 1;
      assert.equal(receiver.unprotectControl(forged), undefined);
    });

    it('survives anything that comes over the network', () => {
      const { receiver } = makePair();
      fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(receiver.unprotect(Buffer.from(bytes)), undefined);
        assert.equal(receiver.unprotectControl(Buffer.from(bytes)), undefined);
      }));
    });
  });
}
