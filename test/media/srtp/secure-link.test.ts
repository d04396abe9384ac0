import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { PacketLink, PacketSink } from '../../../server/media/edge/edge.ts';
import { writeRtpHeader } from '../../../server/media/rtp/packet.ts';
import { SecureLink } from '../../../server/media/srtp/secure-link.ts';
import { SrtpContext } from '../../../server/media/srtp/srtp-context.ts';

const makePacket = (sequence: number): Buffer => {
  const packet = Buffer.alloc(172, sequence);
  writeRtpHeader(packet, { payloadType: 8, marker: false, sequence, timestamp: sequence * 160, ssrc: 7 });
  return packet;
};
const REPORT = Buffer.from('80c90001' + '00000007' + '81ca0001' + '00000007', 'hex');

/** A link and a leg at its two ends. */
class Ends implements PacketLink, PacketSink {
  readonly ssrc = 7;
  readonly refused = 2;
  readonly sent: Buffer[] = [];
  readonly received: Buffer[] = [];
  readonly plausible: Buffer[] = [];
  isReady = false;
  failure = '';
  isClosed = false;
  send(packet: Buffer): void { this.sent.push(packet); }
  sendControl(packet: Buffer): void { this.sent.push(packet); }
  async close(): Promise<void> { this.isClosed = true; }
  isPlausible(packet: Buffer): boolean { this.plausible.push(Buffer.from(packet)); return true; }
  onPacket(packet: Buffer): void { this.received.push(packet); }
  onControl(packet: Buffer): void { this.received.push(packet); }
  onReady(): void { this.isReady = true; }
  onFailed(reason: string): void { this.failure = reason; }
}

describe('SecureLink', () => {
  const master = { key: randomBytes(16), salt: randomBytes(14) };
  const far = { key: randomBytes(16), salt: randomBytes(14) };
  const make = (isEncrypted: boolean): { link: SecureLink; ends: Ends; peer: SrtpContext; ours: SrtpContext } => {
    const ends = new Ends();
    const link = new SecureLink(ends);
    link.carryOver(ends);
    const context = (key: typeof master): SrtpContext => new SrtpContext('AES_CM_128_HMAC_SHA1_80', key);
    if (isEncrypted) link.rekey({ outbound: context(master), inbound: context(far) });
    return { link, ends, peer: context(far), ours: context(master) };
  };

  it('encrypts what is sent and decrypts what comes, RTP and RTCP', () => {
    const { link, ends, peer, ours } = make(true);
    link.send(makePacket(1));
    link.sendControl(REPORT);
    const [voice, report] = ends.sent;
    assert.deepEqual(ours.unprotect(voice ?? Buffer.alloc(0)), makePacket(1));
    assert.deepEqual(ours.unprotectControl(report ?? Buffer.alloc(0)), REPORT);
    link.onPacket(peer.protect(makePacket(5)));
    link.onControl(peer.protectControl(REPORT));
    assert.deepEqual(ends.received, [makePacket(5), REPORT]);
  });

  it('lets everything through while no keys are agreed on', () => {
    const { link, ends } = make(false);
    link.send(makePacket(1));
    link.sendControl(REPORT);
    link.onPacket(makePacket(2));
    link.onControl(REPORT);
    assert.deepEqual(ends.sent, [makePacket(1), REPORT]);
    assert.deepEqual(ends.received, [makePacket(2), REPORT]);
  });

  it('finds only authentic packets plausible, and hands on the one that it opened for that', () => {
    const { link, ends, peer } = make(true);
    assert.equal(link.isPlausible(makePacket(1)), false);
    const datagram = peer.protect(makePacket(2));
    assert.equal(link.isPlausible(datagram), true);
    link.onPacket(datagram);
    assert.deepEqual([ends.plausible, ends.received], [[makePacket(2)], [makePacket(2)]]);
  });

  it('drops what is not authentic, a replay, and what is in clear, and counts it with what the link refused', () => {
    const { link, ends, peer } = make(true);
    const datagram = peer.protect(makePacket(1));
    const again = Buffer.from(datagram);
    const forged = peer.protect(makePacket(2));
    forged[20] = (forged[20] ?? 0) ^ 1;
    for (const packet of [datagram, again, forged, makePacket(3)]) link.onPacket(packet);
    link.onControl(REPORT);
    assert.deepEqual(ends.received, [makePacket(1)]);
    assert.equal(link.refused, 2 + 4);
  });

  it('passes on that the link is ready or failed, and closes it', async () => {
    const { link, ends } = make(true);
    link.onReady();
    link.onFailed('gone');
    await link.close();
    assert.deepEqual([ends.isReady, ends.failure, ends.isClosed, link.ssrc], [true, 'gone', true, 7]);
  });
});
