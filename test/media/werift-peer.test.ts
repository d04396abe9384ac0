import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift';
import { G711, decodeG711, encodeG711 } from '../../server/media/codec/g711.ts';
import { analyseTone } from '../../server/media/listen/tone.ts';
import { nextCallId, nextLegId, startMedia } from './support/media-fixture.ts';
import type { MediaFixture } from './support/media-fixture.ts';
import { until, wait } from './support/rtp-peer.ts';
import { joinSamples, makeSine } from './support/signals.ts';

/** Answers STUN binding requests on loopback, so that the peer asks no server elsewhere (RFC 8489 §6.3.1). */
async function startStunServer(): Promise<{ port: number; close: () => Promise<void> }> {
  const socket = createSocket('udp4');
  socket.on('message', (request, from) => {
    const response = Buffer.concat([Buffer.from('0101000c', 'hex'), request.subarray(4, 20), Buffer.from('00200008000100000000' + '0000', 'hex')]);
    response.writeUInt16BE(from.port ^ 0x2112, 26);
    for (const [i, part] of from.address.split('.').entries()) response.writeUInt8(Number(part) ^ response.readUInt8(4 + i), 28 + i);
    socket.send(response, from.port, from.address);
  });
  await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
  return { port: socket.address().port, close: () => new Promise((resolve) => { socket.close(() => resolve()); }) };
}

describe('WorkerMedia with a full ICE agent that is not a browser (werift)', () => {
  let fixture: MediaFixture;
  let stun: Awaited<ReturnType<typeof startStunServer>>;
  let peer: RTCPeerConnection;
  let timer: NodeJS.Timeout | undefined;

  before(async () => {
    fixture = await startMedia();
    stun = await startStunServer();
  });
  after(async () => {
    await stun.close();
    await fixture.close();
  });
  afterEach(async () => {
    clearInterval(timer);
    await peer.close();
  });

  const makePeer = (): { transceiver: ReturnType<RTCPeerConnection['addTransceiver']>; heard: Int16Array[] } => {
    peer = new RTCPeerConnection({
      codecs: { audio: [new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8_000, channels: 1, payloadType: 0 })], video: [] },
      iceServers: [{ urls: `stun:127.0.0.1:${stun.port}` }],
      iceUseIpv4: false, iceUseIpv6: false, iceAdditionalHostAddresses: ['127.0.0.1'], iceInterfaceAddresses: { udp4: '127.0.0.1' },
    });
    const heard: Int16Array[] = [];
    const transceiver = peer.addTransceiver('audio', { direction: 'sendrecv' });
    transceiver.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(({ payload }) => {
        const samples = new Int16Array(payload.length);
        decodeG711(G711.PCMU, payload, samples);
        heard.push(samples);
      });
    });
    return { transceiver, heard };
  };

  /** Sends a tone from the peer. */
  const sayTone = (transceiver: ReturnType<RTCPeerConnection['addTransceiver']>, frequency: number): void => {
    let sent = 0;
    timer = setInterval(() => {
      const payload = Buffer.alloc(160);
      encodeG711(G711.PCMU, makeSine(frequency, 20, { startSample: sent * 160 }), payload);
      const header = new RtpHeader({ payloadType: 0, sequenceNumber: sent & 0xffff, timestamp: sent * 160, marker: sent === 0, ssrc: transceiver.sender.ssrc });
      void transceiver.sender.sendRtp(new RtpPacket(header, payload));
      sent += 1;
    }, 20);
  };

  for (const who of ['we offer', 'it offers'] as const) {
    it(`hears our prompt, and all its packets arrive, when ${who}`, async () => {
      const { transceiver, heard } = makePeer();
      const leg = await (async () => {
        if (who === 'we offer') {
          const { leg: offered, sdp } = await fixture.media.offerLeg({ callId: nextCallId(), legId: nextLegId(), kind: 'webrtc' });
          await peer.setRemoteDescription({ type: 'offer', sdp });
          await peer.setLocalDescription(await peer.createAnswer());
          assert.deepEqual(await offered.acceptAnswer(peer.localDescription?.sdp ?? ''), { kind: 'agreed' });
          return offered;
        }
        await peer.setLocalDescription(await peer.createOffer());
        const answered = await fixture.media.answerLeg({ callId: nextCallId(), legId: nextLegId(), offer: peer.localDescription?.sdp ?? '' });
        if (answered.kind !== 'agreed') throw new Error(answered.reason);
        await peer.setRemoteDescription({ type: 'answer', sdp: answered.sdp });
        return answered.leg;
      })();
      await until(() => peer.connectionState === 'connected', 'a connection');
      sayTone(transceiver, 620);
      leg.play([{ kind: 'prompt', language: 'fr', id: 'c900' }], { loop: true });
      await until(() => heard.length > 60, 'frames at the peer');
      assert.ok(analyseTone(joinSamples(heard.slice(-15)), 900).share > 0.9);
      const { perLeg } = await fixture.media.stats();
      const path = perLeg.find(({ legId }) => legId === leg.legId)?.path;
      assert.ok((path?.packets ?? 0) > 20 && path?.lost === 0, JSON.stringify(path));
      await leg.close();
    });
  }

  it('talks on while somebody else sends alerts and handshakes to its port (RFC 6347 §4.1.2.7)', async () => {
    makePeer();
    const { leg, sdp } = await fixture.media.offerLeg({ callId: nextCallId(), legId: nextLegId(), kind: 'webrtc' });
    await peer.setRemoteDescription({ type: 'offer', sdp });
    await peer.setLocalDescription(await peer.createAnswer());
    assert.deepEqual(await leg.acceptAnswer(peer.localDescription?.sdp ?? ''), { kind: 'agreed' });
    await until(() => peer.connectionState === 'connected', 'a connection');
    let failure: unknown;
    void leg.failed.then((reason) => { failure = reason; });
    const port = Number(/a=candidate:\S+ \d+ udp \d+ \S+ (\d+)/i.exec(sdp)?.[1]);
    const mallory = createSocket('udp4');
    const hostile = [
      '15fefd0000000000000000' + '0002' + '0100', // close_notify, in the clear
      '15fefd0000000000000000' + '0002' + '0228', // handshake_failure, in the clear
      '16fefd0000000000000000' + '0010' + '01000004' + '0000' + '000000' + '000004' + 'ffffffff', // a ClientHello that is none
      '3ffefd0000000000000000' + '0001' + '00', // no DTLS at all
    ];
    for (const datagram of hostile) await new Promise((resolve) => { mallory.send(Buffer.from(datagram, 'hex'), port, '127.0.0.1', resolve); });
    const refused = async (): Promise<number> => (await fixture.media.stats()).perLeg.find(({ legId }) => legId === leg.legId)?.refusedPackets ?? 0;
    while (await refused() < hostile.length) await wait(10);
    await wait(2_300); // A browser that leaves is given two seconds for its BYE.
    assert.equal(failure, undefined);
    await new Promise<void>((resolve) => { mallory.close(resolve); });
    await leg.close();
  });
});
