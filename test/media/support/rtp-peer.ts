import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { CODEC_FACTS, makeDecoder, makeEncoder } from '../../../server/media/codec/voice-codec.ts';
import type { MixableCodec, VoiceEncoder } from '../../../server/media/codec/voice-codec.ts';
import { isRtcp, makeRtpFields, parseRtp, writeRtpHeader } from '../../../server/media/rtp/packet.ts';
import type { SrtpPair } from '../../../server/media/srtp/secure-link.ts';
import { joinSamples } from './signals.ts';

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

/** What a description of a peer says, beside what the peer is. */
export interface PeerSdp {
  readonly direction?: string;
  readonly address?: string;
  readonly codecs?: readonly MixableCodec[];
  readonly port?: number;
  readonly events?: boolean;
  readonly profile?: string;
  /** More lines of the audio section. */
  readonly lines?: readonly string[];
}

/** A telephone at the far end of plain RTP: sends a tone, keeps what it receives. */
export class RtpPeer {
  readonly packets: ReceivedPacket[] = [];
  /** RTCP that came to the port of RTP, decrypted. */
  readonly controls: Buffer[] = [];
  /** Datagrams as they came. */
  readonly datagrams: Buffer[] = [];
  readonly port: number;
  readonly host: string;
  readonly codec: MixableCodec;
  readonly #socket: Socket;
  readonly #encoder: VoiceEncoder;
  #pair: SrtpPair | undefined;
  #timer: NodeJS.Timeout | undefined;
  #remotePort = 0;
  sequence = randomInt(0x1_0000);
  timestamp = randomInt(0xffff_ffff);
  readonly ssrc = randomInt(1, 0xffff_ffff);

  private constructor(socket: Socket, codec: MixableCodec, host: string) {
    this.#socket = socket;
    this.codec = codec;
    this.host = host;
    this.#encoder = makeEncoder(codec);
    this.port = socket.address().port;
    socket.on('message', (datagram) => this.#receive(datagram));
  }

  static async open(codec: MixableCodec, host = '127.0.0.1'): Promise<RtpPeer> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    await new Promise<void>((resolve) => { socket.bind(0, host, resolve); });
    return new RtpPeer(socket, codec, host);
  }

  /** Encrypts and decrypts from now on. */
  encrypt(pair: SrtpPair | undefined): void {
    this.#pair = pair;
  }

  /** An offer (or answer) of this peer. */
  sdp(options: PeerSdp = {}): string {
    const { direction = 'sendrecv', address = this.host, codecs = [this.codec], port = this.port, events = true, profile = 'RTP/AVP', lines = [] } = options;
    const types = [...codecs.map((codec) => CODEC_FACTS[codec].payloadType), ...(events ? [101] : [])];
    const family = isIPv6(address) ? 'IP6' : 'IP4';
    return [
      'v=0', `o=carol 1 1 IN ${family} ${address}`, 's=call', `c=IN ${family} ${address}`, 't=0 0',
      `m=audio ${port} ${profile} ${types.join(' ')}`,
      ...codecs.map((codec) => `a=rtpmap:${CODEC_FACTS[codec].payloadType} ${codec}/8000`),
      ...(events ? ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15'] : []),
      ...lines, `a=${direction}`, '',
    ].join('\r\n');
  }

  /** Sends to the port that a description of the other side names. */
  follow(sdp: string): void {
    this.#remotePort = Number(/m=audio (\d+)/.exec(sdp)?.[1]);
  }

  /** Sends a sine until {@link stopTone}. @param packetMs - length of its packets. */
  startTone(frequency: number, amplitude = 8_000, packetMs = 20): void {
    const startedAt = performance.now();
    const length = packetMs * 8;
    let sent = 0;
    this.#timer = setInterval(() => {
      while (sent * packetMs <= performance.now() - startedAt) {
        const samples = Int16Array.from({ length }, (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * frequency * (sent * length + i)) / 8_000)));
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
    this.#encoder.encode(samples, payload);
    this.send(CODEC_FACTS[this.codec].payloadType, payload);
    this.timestamp = (this.timestamp + samples.length) >>> 0;
  }

  /** Sends one packet with the present timestamp. */
  send(payloadType: number, payload: Uint8Array, options: { marker?: boolean; timestamp?: number } = {}): void {
    this.sequence = (this.sequence + 1) & 0xffff;
    const packet = Buffer.alloc(12 + payload.length);
    writeRtpHeader(packet, { payloadType, marker: options.marker ?? false, sequence: this.sequence, timestamp: options.timestamp ?? this.timestamp, ssrc: this.ssrc });
    packet.set(payload, 12);
    this.#socket.send(this.#pair === undefined ? packet : this.#pair.outbound.protect(packet), this.#remotePort, this.host);
  }

  /** Sends RTCP to the port of RTP, or another. */
  sendControl(packet: Buffer, port = this.#remotePort): void {
    this.#socket.send(this.#pair === undefined ? packet : this.#pair.outbound.protectControl(packet), port, this.host);
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
    const decoder = makeDecoder(this.codec);
    return joinSamples(this.packets.flatMap(({ payloadType, payload }, i) => {
      if (payloadType !== CODEC_FACTS[this.codec].payloadType) return [];
      const samples = new Int16Array(payload.length);
      decoder.decode(payload, samples); // Also what came before: some decoders remember.
      return i < fromIndex ? [] : [samples];
    }));
  }

  async close(): Promise<void> {
    this.stopTone();
    await new Promise<void>((resolve) => { this.#socket.close(() => resolve()); });
  }

  #receive(datagram: Buffer): void {
    this.datagrams.push(Buffer.from(datagram));
    if (isRtcp(datagram)) {
      const control = this.#pair === undefined ? datagram : this.#pair.inbound.unprotectControl(datagram);
      if (control !== undefined) this.controls.push(control);
      return;
    }
    const packet = this.#pair === undefined ? datagram : this.#pair.inbound.unprotect(datagram);
    const fields = makeRtpFields();
    if (packet === undefined || !parseRtp(packet, fields)) return;
    const { payloadType, marker, sequence, timestamp, ssrc, payloadStart, payloadEnd } = fields;
    this.packets.push({ atMs: performance.now(), payloadType, marker, sequence, timestamp, ssrc, payload: packet.subarray(payloadStart, payloadEnd) });
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
