import type { VoiceCodec } from '../../model/media-terms.ts';
import { FRAME_MS, FRAME_SAMPLES, SAMPLES_PER_MS } from '../codec/frame.ts';
import { G711, decodeG711 } from '../codec/g711.ts';
import type { G711Name } from '../codec/g711.ts';
import { opusPacketMs } from '../codec/opus-packet.ts';
import { isG711, isMixable, makeDecoder } from '../codec/voice-codec.ts';
import type { MixableCodec, VoiceDecoder } from '../codec/voice-codec.ts';
import { JitterBuffer } from '../jitter/jitter-buffer.ts';
import { isDigitalSilence } from '../quality/digital-silence.ts';
import { makeRtpFields, parseRtp } from '../rtp/packet.ts';
import type { RtpFields } from '../rtp/packet.ts';
import type { AgreedAudio, InboundFormat } from '../sdp/agree-audio.ts';
import type { LegReports } from './leg-reports.ts';

/** Comfort noise has a static payload type, and comes without being agreed on (RFC 3389 §4, RFC 3551 table 4). */
const COMFORT_NOISE = 13;
/** A sender that says that it begins to talk after so long a pause has not sent its silence. */
const SUPPRESSED_MS = 200;

/**
 * What one leg says: counts its packets, finds keys, and makes even frames of its voice while
 * somebody mixes or records it.
 */
export class InboundVoice {
  /** Header of the packet that was taken last; reused. */
  readonly fields: RtpFields = makeRtpFields();
  readonly buffer = new JitterBuffer();
  /** The frame of this tick: 160 samples. */
  readonly frame = new Int16Array(FRAME_SAMPLES);
  readonly #reports: LegReports;
  readonly #scratch = new Int16Array(FRAME_SAMPLES);
  readonly #lastPayload = Buffer.alloc(FRAME_SAMPLES);
  #lastLaw: G711Name | undefined;
  #decoder: { readonly codec: MixableCodec; readonly decoder: VoiceDecoder } | undefined;
  #codec: VoiceCodec | undefined;
  #packetMs = FRAME_MS;
  #isRegular = true;
  #hasFrame = false;
  #isWanted = false;
  #hasPackets = false;
  #lastPacketMs = 0;
  #lastSoundMs = 0;
  #suppressesSilence = false;

  constructor(reports: LegReports) {
    this.#reports = reports;
  }

  /** Whether the leg's packets have 20 ms, as those that are sent must have. */
  get isRegular(): boolean { return this.#isRegular; }
  /** Codec of the last packet of voice. */
  get codec(): VoiceCodec | undefined { return this.#codec; }
  /** Length of its last packet of voice, in milliseconds. */
  get packetMs(): number { return this.#packetMs; }
  /** Whether {@link frame} holds voice in this tick. */
  get hasFrame(): boolean { return this.#hasFrame; }
  /** Whether frames are made of it: else its packets are only passed on. */
  get isWanted(): boolean { return this.#isWanted; }
  /** Whether any packet was understood yet. */
  get hasPackets(): boolean { return this.#hasPackets; }
  /** Monotonic milliseconds of the last packet that was understood. */
  get lastPacketMs(): number { return this.#lastPacketMs; }
  /** Monotonic milliseconds of the last packet with any sound in it. */
  get lastSoundMs(): number { return this.#lastSoundMs; }
  /** Whether the sender was seen not to send the pauses of its talk. */
  get suppressesSilence(): boolean { return this.#suppressesSilence; }

  /** The path came up: silence counts from here. */
  begin(nowMs: number): void {
    this.#lastPacketMs = nowMs;
    this.#lastSoundMs = nowMs;
  }

  /** Whether a packet is one of the formats agreed on. */
  isPlausible(packet: Buffer, audio: AgreedAudio | undefined): boolean {
    return parseRtp(packet, this.fields) && audio?.inbound.has(this.fields.payloadType) === true;
  }

  /**
   * Takes one packet; {@link fields} describes it after.
   * @returns what it is; undefined when there is nothing to do with it.
   */
  receive(packet: Buffer, audio: AgreedAudio | undefined, nowMs: number): InboundFormat | undefined {
    const { fields } = this;
    if (!parseRtp(packet, fields)) {
      this.#reports.countMalformed();
      return undefined;
    }
    const kind = audio?.inbound.get(fields.payloadType) ?? (fields.payloadType === COMFORT_NOISE ? 'comfort-noise' : undefined);
    if (kind === undefined) {
      this.#reports.countUnknown();
      return undefined;
    }
    this.#noteSource(nowMs);
    if (kind === 'comfort-noise' || kind === 'event-8000' || kind === 'event-48000') {
      this.#reports.reception.countUntimed(fields.ssrc, fields.sequence);
      if (this.#isWanted) this.buffer.expectSilence(fields.timestamp);
      if (kind === 'comfort-noise') this.#suppressesSilence = true;
    } else {
      this.#takeVoice(packet.subarray(fields.payloadStart, fields.payloadEnd), kind, nowMs);
    }
    return kind;
  }

  #noteSource(nowMs: number): void {
    const { marker, ssrc } = this.fields;
    if (marker && this.#hasPackets && nowMs - this.#lastPacketMs > SUPPRESSED_MS) this.#suppressesSilence = true;
    this.#lastPacketMs = nowMs;
    this.#hasPackets = true;
    if (this.#reports.reception.ssrc === ssrc) return;
    this.#decoder = undefined;
    this.buffer.restart();
  }

  #takeVoice(payload: Buffer, codec: VoiceCodec, nowMs: number): void {
    const { ssrc, sequence, timestamp } = this.fields;
    const { reception } = this.#reports;
    this.#codec = codec;
    if (!isG711(codec) || !isDigitalSilence(codec, payload)) this.#lastSoundMs = nowMs;
    if (isMixable(codec)) {
      reception.count(ssrc, sequence, timestamp, nowMs);
      this.#keepVoice(payload, codec, nowMs);
    } else {
      reception.countUntimed(ssrc, sequence); // Its clock is another (RFC 7587 §4.1), and it is only passed on.
      this.#packetMs = opusPacketMs(payload) ?? FRAME_MS;
      this.#isRegular = this.#packetMs === FRAME_MS;
    }
  }

  #keepVoice(payload: Buffer, codec: MixableCodec, nowMs: number): void {
    this.#packetMs = payload.length / SAMPLES_PER_MS;
    this.#isRegular = payload.length === FRAME_SAMPLES;
    if (this.#isWanted) {
      const samples = this.#isRegular ? this.#scratch : new Int16Array(payload.length);
      this.#decoderFor(codec).decode(payload, samples);
      this.buffer.push(this.fields.timestamp, samples, nowMs, this.fields.marker);
    }
    if (!this.#isRegular || !isG711(codec)) return;
    payload.copy(this.#lastPayload); // A copy, because a forwarded packet is rewritten and encrypted.
    this.#lastLaw = codec;
  }

  #decoderFor(codec: MixableCodec): VoiceDecoder {
    if (this.#decoder?.codec !== codec) this.#decoder = { codec, decoder: makeDecoder(codec) };
    return this.#decoder.decoder;
  }

  /** Frames are needed from now on: the buffer begins to fill. */
  want(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.buffer.reset();
  }

  /** Nobody needs frames any more. */
  unwant(): void {
    this.#isWanted = false;
    this.#hasFrame = false;
  }

  /** Takes the frame of this tick out of the buffer, or lets the tick pass. @param nowMs - monotonic. */
  takeFrame(isUsed: boolean, nowMs: number): void {
    this.#hasFrame = isUsed && this.#isWanted && this.buffer.pop(this.frame, nowMs);
    if (!this.#hasFrame) this.frame.fill(0);
  }

  /** The last voice packet of 20 ms as samples; undefined when there was none, or its codec cannot be decoded alone. */
  lastFrame(): Int16Array | undefined {
    if (this.#lastLaw === undefined || this.#codec !== this.#lastLaw) return undefined;
    const samples = new Int16Array(FRAME_SAMPLES);
    decodeG711(G711[this.#lastLaw], this.#lastPayload, samples);
    return samples;
  }
}
