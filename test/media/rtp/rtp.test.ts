import assert from 'node:assert/strict';
import { Socket } from 'node:dgram';
import fc from 'fast-check';
import sinon from 'sinon';
import { isRtcp, makeRtpFields, parseRtp, writeRtpHeader } from '../../../server/media/rtp/packet.ts';
import { buildReport, middleNtp, parseReport } from '../../../server/media/rtp/rtcp.ts';
import { SourceLock } from '../../../server/media/rtp/source-lock.ts';
import { closeSocket, openUdpPair } from '../../../server/media/rtp/udp-ports.ts';

describe('parseRtp', () => {
  it('reads what writeRtpHeader writes (RFC 3550 §5.1)', () => {
    fc.assert(fc.property(
      fc.record({
        payloadType: fc.integer({ min: 0, max: 127 }), marker: fc.boolean(), sequence: fc.integer({ min: 0, max: 0xffff }),
        timestamp: fc.integer({ min: 0, max: 0xffff_ffff }), ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
      }),
      fc.uint8Array({ maxLength: 480 }),
      (header, payload) => {
        const packet = Buffer.concat([Buffer.alloc(12), payload]);
        writeRtpHeader(packet, header);
        const fields = makeRtpFields();
        assert.equal(parseRtp(packet, fields), true);
        assert.deepEqual(fields, { ...header, payloadStart: 12, payloadEnd: 12 + payload.length });
      },
    ));
  });

  it('passes over contributing sources, a header extension and padding (RFC 3550 §5.1, §5.3.1)', () => {
    const packet = Buffer.from('b2080001000000020000000a' + '0000000b0000000c' + 'bede0001aabbccdd' + '010203' + '000003', 'hex');
    const fields = makeRtpFields();
    assert.equal(parseRtp(packet, fields), true);
    assert.deepEqual([...packet.subarray(fields.payloadStart, fields.payloadEnd)], [1, 2, 3]);
  });

  for (const [what, packet] of [
    ['a short datagram', '8008000100000002'],
    ['version 1', '400800010000000200000003'],
    ['sources that are not there', '8f0800010000000200000003'],
    ['an extension that is not there', '900800010000000200000003bede00ff'],
    ['padding longer than the payload', 'a00800010000000200000003000009'],
    ['padding of no length', 'a00800010000000200000003000000'],
  ] as const) {
    it(`refuses ${what}`, () => { assert.equal(parseRtp(Buffer.from(packet, 'hex'), makeRtpFields()), false); });
  }

  it('survives anything, and never points outside of the datagram', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const fields = makeRtpFields();
      if (!parseRtp(Buffer.from(bytes), fields)) return;
      assert.ok(fields.payloadStart >= 12 && fields.payloadStart <= fields.payloadEnd && fields.payloadEnd <= bytes.length);
    }));
  });

  it('tells RTCP from RTP (RFC 5761 §4)', () => {
    assert.equal(isRtcp(Buffer.from('80c8000600000001', 'hex')), true);
    assert.equal(isRtcp(Buffer.from('8088000600000001', 'hex')), false);
  });
});

describe('RTCP reports', () => {
  const sender = { ssrc: 0xabcd, epochMs: 1_700_000_000_500, rtpTimestamp: 1_234, packets: 5, octets: 800 };
  const block = { ssrc: 0x1111, fractionLost: 12, cumulativeLost: -3, highestSequence: 70_000, jitter: 42 };

  it('carries a sender report, a block and a name (RFC 3550 §6.4.1)', () => {
    const packet = buildReport(sender, 'carol', block, { middleNtp: 0xdeadbeef, ageMs: 500 });
    assert.equal(packet.length % 4, 0);
    assert.equal(packet.readUInt8(1), 200);
    assert.deepEqual(parseReport(packet, 0x1111), {
      bye: false, middleNtp: middleNtp(sender.epochMs),
      aboutUs: { fractionLost: 12, cumulativeLost: -3, highestSequence: 70_000, jitter: 42, lsr: 0xdeadbeef, dlsr: 0x8000 },
    });
  });

  it('is a receiver report while nothing was sent (RFC 3550 §6.4.2)', () => {
    const packet = buildReport({ ...sender, packets: 0 }, 'carol', block);
    assert.equal(packet.readUInt8(1), 201);
    assert.equal(parseReport(packet, 0x1111)?.aboutUs?.jitter, 42);
    assert.equal(parseReport(packet, 0x2222)?.aboutUs, undefined);
  });

  it('refuses reports that are cut off, and survives anything', () => {
    const packet = buildReport(sender, 'carol', block);
    for (let length = 1; length < packet.length; length += 1) {
      const parsed = parseReport(packet.subarray(0, length), 1);
      assert.ok(parsed === undefined || length === 52, `length ${length}`);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => { parseReport(Buffer.from(bytes), 1); }));
  });
});

describe('SourceLock', () => {
  it('locks on the negotiated address at its first packet', () => {
    const lock = new SourceLock();
    lock.negotiate('192.0.2.1', 4_000);
    assert.equal(lock.admit('198.51.100.1', 9), 'drop');
    assert.equal(lock.admit('192.0.2.1', 4_000), 'locked');
    assert.equal(lock.admit('198.51.100.1', 9), 'drop');
    assert.equal(lock.admit('192.0.2.1', 4_001), 'drop');
    assert.equal(lock.admit('192.0.2.1', 4_000), 'accept');
  });

  it('locks on another source after three packets in a row, and sends there (RFC 4961)', () => {
    const lock = new SourceLock();
    lock.negotiate('10.0.0.1', 4_000);
    assert.deepEqual([1, 2, 3, 4].map(() => lock.admit('198.51.100.1', 9)), ['drop', 'drop', 'locked', 'accept']);
    assert.deepEqual(lock.target, { address: '198.51.100.1', port: 9 });
  });

  it('starts the count again when sources alternate', () => {
    const lock = new SourceLock();
    lock.negotiate('10.0.0.1', 4_000);
    for (let i = 0; i < 10; i += 1) assert.equal(lock.admit('198.51.100.1', i % 2), 'drop');
  });

  it('opens again for a new address, not for the same one', () => {
    const lock = new SourceLock();
    lock.negotiate('192.0.2.1', 4_000);
    lock.admit('192.0.2.1', 4_000);
    lock.negotiate('192.0.2.1', 4_000);
    assert.equal(lock.isLocked, true);
    lock.negotiate('192.0.2.1', 5_000);
    assert.equal(lock.isLocked, false);
  });
});

describe('openUdpPair', () => {
  it('takes even ports of the range at random, with the next one for RTCP', async () => {
    const pairs = await Promise.all(Array.from({ length: 20 }, () => openUdpPair('127.0.0.1', { min: 47_001, max: 47_999 })));
    const ports = pairs.map(({ port }) => port);
    for (const { rtp, rtcp, port } of pairs) {
      assert.ok(port % 2 === 0 && port >= 47_002 && port + 1 <= 47_999);
      assert.equal(rtp.address().port, port);
      assert.equal(rtcp.address().port, port + 1);
      await Promise.all([closeSocket(rtp), closeSocket(rtcp)]);
    }
    assert.equal(new Set(ports).size, 20);
    assert.ok(ports.some((port, i) => i > 0 && port < (ports[i - 1] ?? 0)), 'not in order');
  });

  it('keeps no socket when the second one cannot be opened', async () => {
    const close = sinon.spy(Socket.prototype, 'close');
    const bind = sinon.stub(Socket.prototype, 'bind').callThrough();
    bind.onSecondCall().callsFake(function failing(this: Socket) {
      process.nextTick(() => this.emit('error', Object.assign(new Error('no descriptor left'), { code: 'EMFILE' })));
      return this;
    });
    try {
      await assert.rejects(openUdpPair('127.0.0.1', { min: 47_001, max: 47_999 }), { code: 'media.no-socket' });
      assert.equal(close.callCount, 2);
    } finally {
      sinon.restore();
    }
  });
});
