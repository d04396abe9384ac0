import { randomInt } from 'node:crypto';
import type { Digit } from '../../model/digit.ts';
import type { VoiceCodec } from '../../model/media-terms.ts';
import { FRAMES_PER_SECOND, FRAME_SAMPLES } from '../codec/frame.ts';
import { G711, decodeG711, encodeG711 } from '../codec/g711.ts';
import { OPUS_SILENCE } from '../codec/opus-packet.ts';
import { transcodingTable } from '../codec/transcode.ts';
import { CODEC_FACTS, isG711, isMixable, makeEncoder } from '../codec/voice-codec.ts';
import type { VoiceEncoder } from '../codec/voice-codec.ts';
import { eventPayload } from '../dtmf/event-sender.ts';
import type { EventPacket } from '../dtmf/event-sender.ts';
import type { PacketLink } from '../edge/edge.ts';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../rtp/packet.ts';
import type { RtpFields } from '../rtp/packet.ts';
import type { AgreedAudio } from '../sdp/agree-audio.ts';
import type { EventFormat } from '../sdp/audio-formats.ts';
import { ForwardedRun } from './forwarded-run.ts';
import { OutboundClock } from './outbound-clock.ts';

/**
 * What one leg is sent: one RTP source with one time line, fed in turn by frames of the mixer,
 * by packets that are forwarded as they come, and by keys.
 * @remarks Forwarded packets are moved onto the grid of the common clock, so that changing
 *   between the two neither repeats nor jumps.
 */
export class OutboundStream {
  readonly #link: PacketLink;
  readonly #clock = new OutboundClock();
  readonly #samples = new Int16Array(FRAME_SAMPLES);
  #codec: VoiceCodec = 'PCMA';
  /** Absent for a codec that is only passed on. */
  #encoder: VoiceEncoder | undefined;
  #payloadType = 8;
  #events: EventFormat | undefined;
  #eventTimestamp = 0;
  readonly #eventBase = randomInt(0xffff_ffff);
  /** In the lower half, so that SRTP receivers that miss the beginning still know the roll-over count (RFC 3711 §3.3.1). */
  #sequence = randomInt(0x8000);
  #needsMarker = true;
  /** What was forwarded last, as the peer hears it, where the codec had to be followed. */
  #lastForwarded: Int16Array | undefined;
  #run: ForwardedRun | undefined;
  #packets = 0;
  #octets = 0;

  constructor(link: PacketLink) {
    this.#link = link;
  }

  get codec(): VoiceCodec { return this.#codec; }
  get packets(): number { return this.#packets; }
  get octets(): number { return this.#octets; }

  /** Sends in another format from now on. @param tick - the latest frame of the common clock. */
  agree(audio: AgreedAudio, tick: number): void {
    this.#events = audio.events;
    this.#payloadType = audio.payloadType;
    if (audio.codec === this.#codec && this.#encoder !== undefined) return;
    this.#codec = audio.codec;
    this.#encoder = isMixable(audio.codec) ? makeEncoder(audio.codec) : undefined;
    this.#clock.setRate(CODEC_FACTS[audio.codec].clockRate, tick);
    this.#run = undefined;
    this.#lastForwarded = undefined;
  }

  /** RTP timestamp of a frame of the common clock, for sender reports. */
  timestampAt(tick: number): number { return this.#clock.timestampAt(tick); }

  /** Whether a forwarded packet has taken the place of this frame in time. */
  isFilled(tick: number): boolean { return this.#clock.isFilled(tick); }

  /** Sends one frame of samples, or silence. */
  sendFrame(samples: Int16Array | undefined, tick: number): void {
    const timestamp = this.#takeTimestamp(tick);
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + (this.#encoder === undefined ? OPUS_SILENCE.length : FRAME_SAMPLES));
    this.#encode(samples, packet.subarray(RTP_HEADER_BYTES));
    this.#emit(packet, this.#payloadType, timestamp, false);
  }

  #encode(samples: Int16Array | undefined, payload: Buffer): void {
    if (this.#encoder === undefined) OPUS_SILENCE.copy(payload);
    else if (samples === undefined) this.#encoder.encodeSilence(payload);
    else this.#encoder.encode(samples, payload);
  }

  /** Whether the peer understands a key as an event; else it must sound. */
  canSendEvent(digit: Digit): boolean { return this.#events?.keys.has(digit) === true; }

  /** Sends the packet of a key that belongs to this frame; undefined in its gap. */
  sendEvent(event: EventPacket | undefined, tick: number): void {
    const timestamp = this.#takeTimestamp(tick);
    const format = this.#events;
    if (event === undefined || format === undefined) return;
    if (event.framesSinceStart === 0) this.#eventTimestamp = this.#eventTimestampAt(timestamp, format, tick);
    const payload = eventPayload(event, format.clockRate);
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length);
    packet.set(payload, RTP_HEADER_BYTES);
    this.#needsMarker = false;
    this.#emit(packet, format.payloadType, this.#eventTimestamp, event.marker);
    this.#needsMarker = true; // Voice begins anew after a key.
  }

  /** Events on another clock than the voice have a line of their own (RFC 4733 §2.1 asks for the voice's). */
  #eventTimestampAt(timestamp: number, { clockRate }: EventFormat, tick: number): number {
    const frameUnits = clockRate / FRAMES_PER_SECOND;
    return frameUnits === this.#clock.frameUnits ? timestamp : (this.#eventBase + tick * frameUnits) >>> 0;
  }

  /** The next forwarded packet opens a new run of the time line. @returns whether any was forwarded in this one. */
  endForwarding(): boolean {
    const hadPackets = this.#run !== undefined;
    this.#run = undefined;
    return hadPackets;
  }

  /** The last forwarded frame, as the peer hears it; undefined where only the speaker's leg knows it. */
  get lastForwarded(): Int16Array | undefined { return this.#lastForwarded; }

  /** A packet of the leg that is forwarded is not sent on. */
  leaveOut(fields: RtpFields): void {
    this.#run?.leaveOut(fields);
  }

  /**
   * Sends on a packet of another leg at once; another law of G.711 than ours is transcoded by table.
   * @param tick - the latest frame of the common clock.
   */
  forward(packet: ForwardedPacket, tick: number): void {
    const { fields, datagram, codec } = packet;
    const isFirst = this.#run?.continuesWith(fields) !== true;
    const run = isFirst || this.#run === undefined ? this.#beginRun(fields, tick) : this.#run;
    this.#run = run;
    if (!run.take(fields)) return;
    const payload = datagram.subarray(fields.payloadStart, fields.payloadEnd);
    const out = this.#place(packet, payload);
    const body = out.subarray(RTP_HEADER_BYTES);
    this.#transcode(payload, body, codec, isFirst);
    this.#lastForwarded = this.#encoder?.follow(body);
    const { sequence, timestamp } = run;
    writeRtpHeader(out, { payloadType: this.#payloadType, marker: isFirst || fields.marker, sequence, timestamp, ssrc: this.#link.ssrc });
    if (((sequence - this.#sequence) & 0xffff) < 0x8000) this.#sequence = sequence;
    this.#clock.advanceTo(timestamp);
    this.#needsMarker = false;
    this.#count(body.length);
    this.#link.send(out);
  }

  #beginRun(fields: RtpFields, tick: number): ForwardedRun {
    return new ForwardedRun(fields, {
      sequence: this.#sequence + 1, timestamp: this.#clock.nextFrom(tick), frameUnits: this.#clock.frameUnits,
    });
  }

  #place(packet: ForwardedPacket, payload: Buffer): Buffer {
    if (packet.mayRewrite && packet.fields.payloadStart === RTP_HEADER_BYTES && packet.codec === this.#codec) {
      return packet.datagram.subarray(0, packet.fields.payloadEnd);
    }
    const copy = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length);
    payload.copy(copy, RTP_HEADER_BYTES);
    return copy;
  }

  /** Only G.711 can be changed within a packet; the decoder of another codec rises by itself from where the last mixed frame left it. */
  #transcode(payload: Buffer, body: Buffer, codec: VoiceCodec, fadesIn: boolean): void {
    if (!isG711(codec) || !isG711(this.#codec)) return;
    if (codec !== this.#codec) {
      const table = transcodingTable(codec, this.#codec);
      for (let i = 0; i < payload.length; i += 1) body[i] = table[payload[i] as number] as number; // A byte is within 256.
    }
    if (!fadesIn) return;
    const law = G711[this.#codec];
    const samples = body.length === FRAME_SAMPLES ? this.#samples : new Int16Array(body.length);
    decodeG711(law, body, samples);
    for (let i = 0; i < samples.length; i += 1) samples[i] = ((samples[i] ?? 0) * (i + 1)) / samples.length;
    encodeG711(law, samples, body);
  }

  #takeTimestamp(tick: number): number {
    const timestamp = this.#clock.take(tick);
    this.#needsMarker ||= this.#clock.hasJumped;
    return timestamp;
  }

  #emit(packet: Buffer, payloadType: number, timestamp: number, marker: boolean): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    writeRtpHeader(packet, { payloadType, marker: marker || this.#needsMarker, sequence: this.#sequence, timestamp, ssrc: this.#link.ssrc });
    this.#needsMarker = false;
    this.#count(packet.length - RTP_HEADER_BYTES);
    this.#link.send(packet);
  }

  #count(octets: number): void {
    this.#packets += 1;
    this.#octets += octets;
  }
}

/** A packet of one leg on its way to another. */
export interface ForwardedPacket {
  /** Given away when it may be rewritten in place. */
  readonly datagram: Buffer;
  readonly fields: RtpFields;
  readonly codec: VoiceCodec;
  /** False when somebody else still reads the datagram. */
  readonly mayRewrite: boolean;
}
