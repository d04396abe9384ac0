import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { useFakeTimers } from 'sinon';
import { SourceRate } from '../../../server/sip-engine/transport/source-rate.ts';
import { addressBytes, answerStun, isStun } from '../../../server/sip-engine/transport/stun.ts';

const TRANSACTION = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex');
const attribute = (type: number, value = Buffer.alloc(0)): Buffer => {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
};
const request = (attributes: readonly Buffer[] = [], type = 1): Buffer => {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(0x2112a442, 4);
  return Buffer.concat([head, TRANSACTION, body]);
};
const withFingerprint = (flaw = 0): Buffer => {
  const message = request([attribute(0x8028, Buffer.alloc(4))]);
  message.writeUInt32BE((((crc32(message.subarray(0, -8)) ^ 0x5354554e) >>> 0) ^ flaw) >>> 0, message.length - 4);
  return message;
};
const SOURCE = { address: '192.0.2.1', port: 32_853 };

describe('answerStun (RFC 8489, RFC 5626 §4.4.2)', () => {
  it('tells the source address, as in the sample response of RFC 5769 §2.2', () => {
    const answer = answerStun(request(), SOURCE);
    assert.equal(answer?.toString('hex'), `0101000c2112a442${TRANSACTION.toString('hex')}002000080001a147e112a643`);
  });

  it('tells an IPv6 source, as in RFC 5769 §2.3', () => {
    const answer = answerStun(request(), { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 });
    assert.equal(answer?.subarray(20).toString('hex'), '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9');
  });

  it('puts a fingerprint into the answer when the question has one, and drops a wrong one (§14.7)', () => {
    const answer = answerStun(withFingerprint(), SOURCE);
    assert.equal(answer?.readUInt16BE(answer.length - 8), 0x8028);
    assert.equal(answer?.readUInt32BE(answer.length - 4), (crc32(answer.subarray(0, -8)) ^ 0x5354554e) >>> 0);
    assert.equal(answerStun(withFingerprint(1), SOURCE), undefined);
  });

  it('answers 420 to an attribute that it would have to understand (§6.3.1)', () => {
    const answer = answerStun(request([attribute(0x0003, Buffer.alloc(4))]), SOURCE);
    assert.equal(answer?.readUInt16BE(0), 0x0111);
    assert.equal(answer?.subarray(20).toString('hex'), '00090004000004140' + '00a000200030000');
  });

  it('ignores attributes that may be ignored, and credentials', () => {
    const answer = answerStun(request([attribute(0x8022, Buffer.from('phone')), attribute(0x0006, Buffer.from('me'))]), SOURCE);
    assert.equal(answer?.readUInt16BE(0), 0x0101);
  });

  it('drops what is no binding request', () => {
    for (const type of [0x0011, 0x0101, 0x0111, 0x0003]) assert.equal(answerStun(request([], type), SOURCE), undefined);
    const short = request();
    short.writeUInt16BE(4, 2);
    assert.equal(answerStun(short, SOURCE), undefined);
    assert.equal(answerStun(request([Buffer.from([0x80, 0x22, 0, 9])]), SOURCE), undefined);
    assert.equal(answerStun(request([attribute(0x8022, Buffer.alloc(600))]), SOURCE), undefined);
  });

  it('never throws, and is never much longer than the question: of no use for reflection', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, isLong) => {
      const data = Buffer.concat([request(), Buffer.from(bytes.slice(0, bytes.length - (bytes.length % 4)))]);
      if (isLong) data.writeUInt16BE(data.length - 20, 2);
      const answer = answerStun(data, { address: '2001:db8::1', port: 1 });
      assert.ok(answer === undefined || answer.length <= data.length + 24, `${answer?.length} for ${data.length}`);
    }));
  });

  it('takes no SIP message for STUN', () => {
    assert.equal(isStun(Buffer.from('OPTIONS sip:a@b SIP/2.0\r\n')), false);
    assert.equal(isStun(Buffer.from('\r\n\r\n')), false);
    assert.equal(isStun(request()), true);
  });

  it('reads every way of writing an IPv6 address', () => {
    for (const [text, hex] of [
      ['::', '0'.repeat(32)], ['::1', `${'0'.repeat(31)}1`], ['fe80::1%eth0', `fe80${'0'.repeat(27)}1`],
      ['1::', `0001${'0'.repeat(28)}`], ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
    ] as const) assert.equal(addressBytes(text).toString('hex'), hex, text);
  });
});

describe('SourceRate', () => {
  it('lets each source have its share of every second, and a whole /64 one share', () => {
    const clock = useFakeTimers({ now: 5_000, toFake: ['Date'] });
    try {
      const rate = new SourceRate(2);
      assert.deepEqual([1, 2, 3].map(() => rate.take('192.0.2.1')), [true, true, false]);
      assert.equal(rate.take('192.0.2.2'), true);
      assert.deepEqual(['2001:db8::1', '2001:db8::2', '2001:db8::3'].map((one) => rate.take(one)), [true, true, false]);
      clock.tick(1_000);
      assert.equal(rate.take('192.0.2.1'), true);
    } finally {
      clock.restore();
    }
  });

  it('remembers a bounded number of sources', () => {
    const rate = new SourceRate(5);
    let passed = 0;
    for (let i = 0; i < 12_000; i += 1) if (rate.take(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)) passed += 1;
    assert.ok(passed >= 10_000 && passed <= 20_000 && passed !== 0);
  });
});
