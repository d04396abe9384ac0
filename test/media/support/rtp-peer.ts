import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { G711, decodeG711, encodeG711 } from '../../../server/media/codec/g711.ts';
import type { G711Name } from '../../../server/media/codec/g711.ts';
import { makeRtpFields, parseRtp, writeRtpHeader } from '../../../server/media/rtp/packet.ts';

/** One packet that a peer received. */
export interface ReceivedPacket {
  readonly atMs: number;
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

const PAYLOAD_TYPES: Readonly<Record<G711Name, number>> = { PCMU: 0, PCMA: 8 };

/** A telephone at the far end of plain RTP: sends a tone, keeps what it receives. */
export class RtpPeer {
  readonly packets: ReceivedPacket[] = [];
  readonly port: number;
  readonly codec: G711Name;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #remotePort = 0;
  sequence = randomInt(0x1_0000);
  timestamp = randomInt(0xffff_ffff);
  readonly ssrc = randomInt(1, 0xffff_ffff);

  private constructor(socket: Socket, codec: G711Name) {
    this.#socket = socket;
    this.codec = codec;
    this.port = socket.address().port;
    socket.on('message', (datagram) => this.#receive(datagram));
  }

  static async open(codec: G711Name): Promise<RtpPeer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
    return new RtpPeer(socket, codec);
  }

  /** An offer (or answer) of this peer. */
  sdp(options: { direction?: string; address?: string; codecs?: readonly G711Name[]; port?: number; events?: boolean } = {}): string {
    const { direction = 'sendrecv', address = '127.0.0.1', codecs = [this.codec], port = this.port, events = true } = options;
    const types = [...codecs.map((codec) => PAYLOAD_TYPES[codec]), ...(events ? [101] : [])];
    return [
      'v=0', `o=carol 1 1 IN IP4 ${address}`, 's=call', `c=IN IP4 ${address}`, 't=0 0',
      `m=audio ${port} RTP/AVP ${types.join(' ')}`,
      ...codecs.map((codec) => `a=rtpmap:${PAYLOAD_TYPES[codec]} ${codec}/8000`),
      ...(events ? ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15'] : []),
      `a=${direction}`, '',
    ].join('\r\n');
  }

  /** Sends to the port that a description of the other side names. */
  follow(sdp: string): void {
    this.#remotePort = Number(/m=audio (\d+)/.exec(sdp)?.[1]);
  }

  /** Sends a sine, 20 ms packets, until {@link stopTone}. */
  startTone(frequency: number, amplitude = 8_000): void {
    const startedAt = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      while (sent * 20 <= performance.now() - startedAt) {
        const samples = Int16Array.from({ length: 160 }, (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * frequency * (sent * 160 + i)) / 8_000)));
        this.sendVoice(samples);
        sent += 1;
      }
    }, 5);
  }

  stopTone(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  sendVoice(samples: Int16Array): void {
    const payload = Buffer.alloc(samples.length);
    encodeG711(G711[this.codec], samples, payload);
    this.send(PAYLOAD_TYPES[this.codec], payload);
    this.timestamp = (this.timestamp + samples.length) >>> 0;
  }

  /** Sends one packet with the present timestamp. */
  send(payloadType: number, payload: Uint8Array, options: { marker?: boolean; timestamp?: number } = {}): void {
    this.sequence = (this.sequence + 1) & 0xffff;
    const packet = Buffer.alloc(12 + payload.length);
    writeRtpHeader(packet, { payloadType, marker: options.marker ?? false, sequence: this.sequence, timestamp: options.timestamp ?? this.timestamp, ssrc: this.ssrc });
    packet.set(payload, 12);
    this.#socket.send(packet, this.#remotePort, '127.0.0.1');
  }

  /** Sends a key by RFC 4733: five packets and three ends, at once. */
  sendKey(event: number): void {
    for (let i = 1; i <= 7; i += 1) {
      const duration = Math.min(i, 5) * 160;
      this.send(101, Uint8Array.of(event, i >= 5 ? 0x8a : 0x0a, duration >> 8, duration & 0xff), { marker: i === 1 });
    }
    this.timestamp = (this.timestamp + 1_600) >>> 0;
  }

  /** Voice received, in order of arrival, as samples. */
  heard(fromIndex = 0): Int16Array {
    const voice = this.packets.slice(fromIndex).filter(({ payloadType }) => payloadType === PAYLOAD_TYPES[this.codec]);
    const samples = new Int16Array(voice.reduce((sum, { payload }) => sum + payload.length, 0));
    let at = 0;
    for (const { payload } of voice) {
      decodeG711(G711[this.codec], payload, samples.subarray(at, at + payload.length));
      at += payload.length;
    }
    return samples;
  }

  async close(): Promise<void> {
    this.stopTone();
    await new Promise<void>((resolve) => { this.#socket.close(() => resolve()); });
  }

  #receive(datagram: Buffer): void {
    const fields = makeRtpFields();
    if (!parseRtp(datagram, fields)) return;
    const { payloadType, marker, sequence, timestamp, ssrc, payloadStart, payloadEnd } = fields;
    this.packets.push({ atMs: performance.now(), payloadType, marker, sequence, timestamp, ssrc, payload: datagram.subarray(payloadStart, payloadEnd) });
  }
}

/** Waits in real time, for tests on real sockets. */
export const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Waits until something is so, at most `limitMs`. @throws Error when it does not come about. */
export async function until(isSo: () => boolean, what: string, limitMs = 5_000): Promise<void> {
  const startedAt = performance.now();
  while (!isSo()) {
    if (performance.now() - startedAt > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await wait(10);
  }
}
