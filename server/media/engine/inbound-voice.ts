import type { VoiceCodec } from '../../model/media-terms.ts';
import { FRAME_MS, FRAME_SAMPLES } from '../codec/frame.ts';
import { G711, decodeG711 } from '../codec/g711.ts';
import type { G711Name } from '../codec/g711.ts';
import { opusPacketMs } from '../codec/opus-packet.ts';
import { isG711, isMixable, makeDecoder } from '../codec/voice-codec.ts';
import type { MixableCodec, VoiceDecoder } from '../codec/voice-codec.ts';
import { JitterQueue } from '../jitter/jitter-queue.ts';
import { makeRtpFields, parseRtp } from '../rtp/packet.ts';
import type { RtpFields } from '../rtp/packet.ts';
import type { AgreedAudio, InboundFormat } from '../sdp/agree-audio.ts';
import type { LegReports } from './leg-reports.ts';

/**
 * What one leg says: counts its packets, finds keys, and makes even frames of its voice while
 * somebody mixes or records it.
 */
export class InboundVoice {
  /** Header of the packet that was taken last; reused. */
  readonly fields: RtpFields = makeRtpFields();
  readonly queue = new JitterQueue();
  /** The frame of this tick: 160 samples. */
  readonly frame = new Int16Array(FRAME_SAMPLES);
  readonly #reports: LegReports;
  readonly #scratch = new Int16Array(FRAME_SAMPLES);
  readonly #lastPayload = Buffer.alloc(FRAME_SAMPLES);
  #lastLaw: G711Name | undefined;
  #decoder: { readonly codec: MixableCodec; readonly decoder: VoiceDecoder } | undefined;
  #codec: VoiceCodec | undefined;
  #isRegular = true;
  #hasFrame = false;
  #isWanted = false;
  #lastPacketMs = 0;

  constructor(reports: LegReports) {
    this.#reports = reports;
  }

  /** Whether the leg's packets have 20 ms, as those that are sent must have. */
  get isRegular(): boolean { return this.#isRegular; }
  /** Codec of the last voice packet. */
  get codec(): VoiceCodec | undefined { return this.#codec; }
  /** Whether {@link frame} holds voice in this tick. */
  get hasFrame(): boolean { return this.#hasFrame; }
  /** Monotonic milliseconds of the last packet that was understood. */
  get lastPacketMs(): number { return this.#lastPacketMs; }

  /** The path came up: silence counts from here. */
  begin(nowMs: number): void {
    this.#lastPacketMs = nowMs;
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
    const kind = audio?.inbound.get(fields.payloadType);
    if (kind === undefined) {
      this.#reports.countUnknown();
      return undefined;
    }
    this.#lastPacketMs = nowMs;
    const { reception } = this.#reports;
    if (reception.ssrc !== fields.ssrc) {
      this.#decoder = undefined;
      if (this.#isWanted) this.queue.restart();
    }
    reception.count(fields.ssrc, fields.sequence, fields.timestamp, nowMs);
    // Comfort noise is a sign of life and no voice: silence needs no packet.
    if (kind !== 'comfort-noise' && kind !== 'event-8000' && kind !== 'event-48000') this.#keepVoice(packet.subarray(fields.payloadStart, fields.payloadEnd), kind);
    return kind;
  }

  #keepVoice(payload: Buffer, codec: VoiceCodec): void {
    this.#codec = codec;
    if (!isMixable(codec)) {
      this.#isRegular = opusPacketMs(payload) === FRAME_MS;
      return;
    }
    this.#isRegular = payload.length === FRAME_SAMPLES;
    if (this.#isWanted) {
      const samples = this.#isRegular ? this.#scratch : new Int16Array(payload.length);
      this.#decoderFor(codec).decode(payload, samples);
      this.queue.push(this.fields.timestamp, samples);
    }
    if (!this.#isRegular || !isG711(codec)) return;
    payload.copy(this.#lastPayload); // A copy, because a forwarded packet is rewritten and encrypted.
    this.#lastLaw = codec;
  }

  #decoderFor(codec: MixableCodec): VoiceDecoder {
    if (this.#decoder?.codec !== codec) this.#decoder = { codec, decoder: makeDecoder(codec) };
    return this.#decoder.decoder;
  }

  /** Frames are needed from now on: the queue begins to fill. */
  want(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.queue.restart();
  }

  /** Nobody needs frames any more. */
  unwant(): void {
    this.#isWanted = false;
    this.#hasFrame = false;
  }

  /** Takes the frame of this tick out of the queue, or lets the tick pass. */
  takeFrame(isUsed: boolean): void {
    this.#hasFrame = isUsed && this.#isWanted && this.queue.pop(this.frame);
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
