import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import type { PacketSink } from '../../../server/media/edge/edge.ts';
import { writeRtpHeader } from '../../../server/media/rtp/packet.ts';
import { PacketRate } from '../../../server/media/rtp/packet-rate.ts';
import { buildReport } from '../../../server/media/rtp/rtcp.ts';
import { UdpLink } from '../../../server/media/rtp/udp-link.ts';
import { closeSocket } from '../../../server/media/rtp/udp-ports.ts';
import { TEST_PORTS } from '../support/media-fixture.ts';
import { until, wait } from '../support/rtp-peer.ts';

describe('PacketRate', () => {
  it('lets so many through in each second', () => {
    const rate = new PacketRate(3);
    assert.deepEqual([0, 10, 20, 30, 999, 1_000].map((nowMs) => rate.isExceededAt(nowMs)), [false, false, false, true, true, false]);
  });
});

describe('UdpLink', () => {
  let link: UdpLink;
  let carol: Socket;
  let mallory: Socket;
  const heard: number[] = [];
  let reports = 0;
  const sink: PacketSink = {
    isPlausible: () => true, onReady: () => undefined, onFailed: () => undefined,
    onPacket: (packet) => { heard.push(packet.readUInt16BE(2)); },
    onControl: () => { reports += 1; },
  };

  const open = async (): Promise<Socket> => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
    return socket;
  };
  const connectTo = (socket: Socket): void => {
    const { port } = socket.address();
    link.connect({ rtp: { address: '127.0.0.1', port }, rtcp: { address: '127.0.0.1', port: port + 1 }, rtcpMux: false });
  };
  const say = (from: Socket, sequence: number): void => {
    const packet = Buffer.alloc(172);
    writeRtpHeader(packet, { payloadType: 8, marker: false, sequence, timestamp: sequence * 160, ssrc: 7 });
    from.send(packet, link.port, '127.0.0.1');
  };
  /** Sends in portions, so that the kernel's buffers hold them. */
  const flood = async (from: Socket, packets: number, port = link.port): Promise<void> => {
    for (let sent = 0; sent < packets; sent += 100) {
      for (let i = 0; i < 100; i += 1) from.send(Buffer.alloc(172, 0x80), port, '127.0.0.1');
      await wait(2);
    }
  };

  beforeEach(async () => {
    heard.length = 0;
    reports = 0;
    [carol, mallory] = await Promise.all([open(), open()]);
    link = await UdpLink.open('127.0.0.1', TEST_PORTS, sink);
    connectTo(carol);
    say(carol, 1);
    await until(() => heard.length === 1, 'the lock');
  });
  afterEach(async () => {
    await Promise.all([link.close(), closeSocket(carol), closeSocket(mallory)]);
  });

  it('refuses strangers one by one, and lets the kernel keep a flood of them away', async () => {
    await flood(mallory, 4_000);
    await wait(50);
    assert.ok(link.refused > 100 && link.refused < 1_500, `${link.refused} reached us`);
    say(carol, 2);
    await until(() => heard.length === 2, 'the peer, who is heard as before');
    assert.deepEqual(heard, [1, 2]);
  });

  it('sends on while it is shut, and hears a peer that moves (RFC 3264 §8)', async () => {
    await flood(mallory, 2_000);
    await wait(50);
    const received = new Promise<Buffer>((resolve) => { carol.once('message', resolve); });
    link.send(Buffer.from('still here'));
    assert.equal((await received).toString(), 'still here');
    connectTo(mallory);
    say(mallory, 3);
    await until(() => heard.length === 2, 'the peer at its new address');
    say(carol, 4);
    await wait(50);
    assert.deepEqual(heard, [1, 3]);
  });

  it('listens to 250 packets a second of its peer, and hears it again in the next second', async () => {
    for (let sequence = 2; sequence <= 600; sequence += 1) {
      say(carol, sequence);
      if (sequence % 50 === 0) await wait(2);
    }
    await until(() => link.refused > 0, 'packets above the rate');
    await wait(50);
    assert.ok(heard.length <= 500, `${heard.length} in a second or two`);
    await wait(1_050);
    say(carol, 601);
    await until(() => heard.at(-1) === 601, 'the next second');
  });

  it('does not let reports take the place of voice', async () => {
    const report = buildReport({ ssrc: 7, epochMs: 0, rtpTimestamp: 0, packets: 1, octets: 160 }, 'carol');
    for (let i = 0; i < 400; i += 1) mallory.send(report, link.port + 1, '127.0.0.1');
    await wait(100);
    assert.ok(reports > 0 && reports <= 50, `${reports} reports`);
    say(carol, 2);
    await until(() => heard.length === 2, 'voice beside the reports');
  });

  it('keeps a flood away from the port of reports too', async () => {
    carol.send(buildReport({ ssrc: 7, epochMs: 0, rtpTimestamp: 0, packets: 1, octets: 160 }, 'carol'), link.port + 1, '127.0.0.1');
    await until(() => reports === 1, 'a report');
    await flood(mallory, 4_000, link.port + 1);
    await wait(50);
    assert.ok(link.refused > 100 && link.refused < 1_500, `${link.refused} reached us`);
  });

  it('closes both ports', async () => {
    const { port } = link;
    await link.close();
    const again = createSocket('udp4');
    await new Promise<void>((resolve) => { again.bind({ port, address: '127.0.0.1', exclusive: true }, resolve); });
    await closeSocket(again);
  });
});
