import { randomInt } from 'node:crypto';
import { FRAME_SAMPLES } from '../codec/frame.ts';
import { G711, decodeG711, encodeG711 } from '../codec/g711.ts';
import type { G711Codec, G711Name } from '../codec/g711.ts';
import { transcodingTable } from '../codec/transcode.ts';
import type { EventPacket } from '../dtmf/event-sender.ts';
import type { PacketLink } from '../edge/edge.ts';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../rtp/packet.ts';
import type { RtpFields } from '../rtp/packet.ts';
import type { AgreedAudio } from '../sdp/negotiate-plain.ts';

const PACKET_BYTES = RTP_HEADER_BYTES + FRAME_SAMPLES;
/** Our time line may be this far ahead of the common clock before it is set anew: 60 ms. */
const MAX_AHEAD = 3 * FRAME_SAMPLES;
/** Sequence numbers this far ahead belong to the same run of packets. */
const MAX_SEQUENCE_STEP = 1_000;

/**
 * What one leg is sent: one RTP source with one time line, fed in turn by frames of the mixer,
 * by packets that are forwarded as they come, and by keys.
 * @remarks RFC 3550 §5.1: the timestamp follows the sampling clock, here the common clock of
 *   20 ms frames; forwarded packets are moved onto the same grid, so that changing between the
 *   two neither repeats nor jumps.
 */
export class OutboundStream {
  readonly #link: PacketLink;
  readonly #payload = new Int16Array(FRAME_SAMPLES);
  #codec: G711Codec = G711.PCMA;
  #payloadType = 8;
  #eventPayloadType: number | undefined;
  #sequence = randomInt(0x1_0000);
  #base = randomInt(0xffff_ffff);
  #lastTimestamp: number | undefined;
  #eventTimestamp = 0;
  #needsMarker = true;
  #forwarded: { ssrc: number; first: number; last: number; sequenceOffset: number; timestampOffset: number; lastTimestamp: number } | undefined;
  #packets = 0;
  #octets = 0;

  constructor(link: PacketLink) {
    this.#link = link;
  }

  get codec(): G711Codec { return this.#codec; }
  get packets(): number { return this.#packets; }
  get octets(): number { return this.#octets; }

  /** Sends in another format from now on. */
  agree(audio: AgreedAudio): void {
    this.#codec = G711[audio.codec];
    this.#payloadType = audio.payloadType;
    this.#eventPayloadType = audio.eventPayloadType;
  }

  /** RTP timestamp of a frame of the common clock, for sender reports. */
  timestampAt(tick: number): number { return (this.#base + tick * FRAME_SAMPLES) >>> 0; }

  /** Sends one frame of samples, or silence. */
  sendFrame(samples: Int16Array | undefined, tick: number): void {
    const timestamp = this.#takeTimestamp(tick);
    const packet = Buffer.allocUnsafe(PACKET_BYTES);
    const payload = packet.subarray(RTP_HEADER_BYTES);
    if (samples === undefined) payload.fill(this.#codec.silence);
    else encodeG711(this.#codec, samples, payload);
    this.#emit(packet, this.#payloadType, timestamp, false);
  }

  /** Whether keys can be sent as events; else they must sound. */
  get canSendEvents(): boolean { return this.#eventPayloadType !== undefined; }

  /** Sends the packets of a key that belong to this frame. */
  sendEvents(packets: readonly EventPacket[], tick: number): void {
    const timestamp = this.#takeTimestamp(tick);
    if (this.#eventPayloadType === undefined) return;
    for (const { payload, marker, framesSinceStart } of packets) {
      if (framesSinceStart === 0) this.#eventTimestamp = timestamp;
      const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length);
      packet.set(payload, RTP_HEADER_BYTES);
      this.#needsMarker = false;
      this.#emit(packet, this.#eventPayloadType, this.#eventTimestamp, marker);
    }
    this.#needsMarker = true; // Voice begins anew after a key.
  }

  /** The next forwarded packet opens a new run of the time line. @returns whether any was forwarded in this one. */
  endForwarding(): boolean {
    const hadPackets = this.#forwarded !== undefined;
    this.#forwarded = undefined;
    return hadPackets;
  }

  /**
   * Sends on a packet of another leg at once.
   * @param datagram - is given away when it may be rewritten in place.
   * @param law - of its payload; another law than ours is transcoded by table.
   * @param mayRewrite - false when somebody else still reads the datagram.
   * @param tick - the latest frame of the common clock.
   */
  forward(packet: ForwardedPacket, tick: number): void {
    const { fields, datagram, law } = packet;
    const isFirst = this.#forwarded?.ssrc !== fields.ssrc || !this.#follows(fields);
    if (isFirst) this.#beginForwarding(fields, tick);
    const run = this.#forwarded;
    if (run === undefined || this.#isOutOfRun(fields, run)) return;
    run.last = fields.sequence;
    run.lastTimestamp = fields.timestamp;
    const payload = datagram.subarray(fields.payloadStart, fields.payloadEnd);
    const out = this.#place(packet, payload);
    const body = out.subarray(RTP_HEADER_BYTES);
    if (law !== this.#codec.name) transcodeInto(body, payload, law, this.#codec.name);
    if (isFirst) this.#fadeIn(body);
    const timestamp = (fields.timestamp + run.timestampOffset) >>> 0;
    const sequence = (fields.sequence + run.sequenceOffset) & 0xffff;
    writeRtpHeader(out, { payloadType: this.#payloadType, marker: isFirst || fields.marker, sequence, timestamp, ssrc: this.#link.ssrc });
    if (((sequence - this.#sequence) & 0xffff) < 0x8000) this.#sequence = sequence;
    if (this.#lastTimestamp === undefined || ((timestamp - this.#lastTimestamp) | 0) > 0) this.#lastTimestamp = timestamp;
    this.#needsMarker = false;
    this.#count(body.length);
    this.#link.send(out);
  }

  #place(packet: ForwardedPacket, payload: Buffer): Buffer {
    if (packet.mayRewrite && packet.fields.payloadStart === RTP_HEADER_BYTES && packet.law === this.#codec.name) {
      return packet.datagram.subarray(0, packet.fields.payloadEnd);
    }
    const copy = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length);
    payload.copy(copy, RTP_HEADER_BYTES);
    return copy;
  }

  /** Whether a packet goes on in the time line of the ones before it. */
  #follows(fields: RtpFields): boolean {
    const run = this.#forwarded;
    if (run === undefined) return false;
    const jump = Math.abs((fields.timestamp - run.lastTimestamp) | 0);
    const step = (fields.sequence - run.last) & 0xffff;
    return jump < FRAME_SAMPLES * 100 && (step < MAX_SEQUENCE_STEP || step > 0x1_0000 - MAX_SEQUENCE_STEP);
  }

  /** Duplicates, and packets older than the run, would use a number that was used before. */
  #isOutOfRun(fields: RtpFields, run: { first: number; last: number }): boolean {
    const isBeforeFirst = ((fields.sequence - run.first) & 0xffff) >= 0x8000;
    return isBeforeFirst || (fields.sequence === run.last && fields.sequence !== run.first);
  }

  #beginForwarding(fields: RtpFields, tick: number): void {
    const onClock = this.timestampAt(tick);
    const after = this.#lastTimestamp === undefined ? onClock : (this.#lastTimestamp + FRAME_SAMPLES) >>> 0;
    const start = ((after - onClock) | 0) > 0 ? after : onClock;
    this.#forwarded = {
      ssrc: fields.ssrc, first: fields.sequence, last: fields.sequence, lastTimestamp: fields.timestamp,
      sequenceOffset: (this.#sequence + 1 - fields.sequence) & 0xffff,
      timestampOffset: (start - fields.timestamp) | 0,
    };
  }

  /** Whether a forwarded packet has taken the place of this frame in time. */
  isFilled(tick: number): boolean {
    if (this.#lastTimestamp === undefined) return false;
    const step = (this.timestampAt(tick) - this.#lastTimestamp) | 0;
    return step <= 0 && step > -MAX_AHEAD;
  }

  #takeTimestamp(tick: number): number {
    let timestamp = this.timestampAt(tick);
    if (this.#lastTimestamp !== undefined) {
      const step = (timestamp - this.#lastTimestamp) | 0;
      if (step < FRAME_SAMPLES) {
        // A speaker whose clock runs faster than ours has pushed the line ahead: go on from there.
        const next = (this.#lastTimestamp + FRAME_SAMPLES) >>> 0;
        this.#base = (this.#base + (next - timestamp)) >>> 0;
        timestamp = next;
        this.#needsMarker = true;
      }
    }
    this.#lastTimestamp = timestamp;
    return timestamp;
  }

  #emit(packet: Buffer, payloadType: number, timestamp: number, marker: boolean): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    writeRtpHeader(packet, { payloadType, marker: marker || this.#needsMarker, sequence: this.#sequence, timestamp, ssrc: this.#link.ssrc });
    this.#needsMarker = false;
    this.#count(packet.length - RTP_HEADER_BYTES);
    this.#link.send(packet);
  }

  #fadeIn(codes: Buffer): void {
    const samples = codes.length === FRAME_SAMPLES ? this.#payload : new Int16Array(codes.length);
    decodeG711(this.#codec, codes, samples);
    for (let i = 0; i < samples.length; i += 1) samples[i] = ((samples[i] ?? 0) * (i + 1)) / samples.length;
    encodeG711(this.#codec, samples, codes);
  }

  #count(octets: number): void {
    this.#packets += 1;
    this.#octets += octets;
  }
}

/** A packet of one leg on its way to another. */
export interface ForwardedPacket {
  readonly datagram: Buffer;
  readonly fields: RtpFields;
  readonly law: G711Name;
  readonly mayRewrite: boolean;
}

function transcodeInto(into: Buffer, payload: Buffer, from: G711Name, to: G711Name): void {
  const table = transcodingTable(from, to);
  for (let i = 0; i < payload.length; i += 1) into[i] = table[payload[i] as number] as number; // A byte is within 256.
}
