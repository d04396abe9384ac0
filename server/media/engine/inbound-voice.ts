import type { Digit } from '../../model/digit.ts';
import { FRAME_MS, FRAME_SAMPLES, SAMPLES_PER_MS } from '../codec/frame.ts';
import { G711, decodeG711 } from '../codec/g711.ts';
import type { G711Name } from '../codec/g711.ts';
import { EventReceiver } from '../dtmf/event-receiver.ts';
import { JitterBuffer } from '../jitter/jitter-buffer.ts';
import { isDigitalSilence } from '../quality/digital-silence.ts';
import { makeRtpFields, parseRtp } from '../rtp/packet.ts';
import type { RtpFields } from '../rtp/packet.ts';
import type { AgreedAudio } from '../sdp/negotiate-plain.ts';
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
  readonly #events = new EventReceiver();
  readonly #scratch = new Int16Array(FRAME_SAMPLES);
  readonly #lastPayload = Buffer.alloc(FRAME_SAMPLES);
  #lastLaw: G711Name | undefined;
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
   * @returns the law of its voice, or `event`; undefined when there is nothing to do with it.
   */
  receive(packet: Buffer, audio: AgreedAudio | undefined, nowMs: number): G711Name | 'event' | undefined {
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
    if (kind === 'PCMA' || kind === 'PCMU') {
      this.#takeVoice(packet.subarray(fields.payloadStart, fields.payloadEnd), kind, nowMs);
      return kind;
    }
    this.#reports.reception.countUntimed(fields.ssrc, fields.sequence);
    if (this.#isWanted) this.buffer.expectSilence(fields.timestamp);
    if (kind === 'comfort-noise') this.#suppressesSilence = true;
    return kind === 'comfort-noise' ? undefined : 'event';
  }

  /** The key of an event packet, when it is the first packet of it. */
  readKey(packet: Buffer): Digit | undefined {
    const { payloadStart, payloadEnd, timestamp, marker } = this.fields;
    return this.#events.receive(packet.subarray(payloadStart, payloadEnd), timestamp, marker);
  }

  #noteSource(nowMs: number): void {
    const { marker, ssrc } = this.fields;
    if (marker && this.#hasPackets && nowMs - this.#lastPacketMs > SUPPRESSED_MS) this.#suppressesSilence = true;
    this.#lastPacketMs = nowMs;
    this.#hasPackets = true;
    if (this.#reports.reception.ssrc === ssrc) return;
    this.#events.reset();
    this.buffer.restart();
  }

  #takeVoice(payload: Buffer, law: G711Name, nowMs: number): void {
    const { ssrc, sequence, timestamp, marker } = this.fields;
    this.#reports.reception.count(ssrc, sequence, timestamp, nowMs);
    if (!isDigitalSilence(law, payload)) this.#lastSoundMs = nowMs;
    this.#packetMs = payload.length / SAMPLES_PER_MS;
    this.#isRegular = payload.length === FRAME_SAMPLES;
    if (this.#isWanted) {
      const samples = this.#isRegular ? this.#scratch : new Int16Array(payload.length);
      decodeG711(G711[law], payload, samples);
      this.buffer.push(timestamp, samples, nowMs, marker);
    }
    if (!this.#isRegular) return;
    payload.copy(this.#lastPayload); // A copy, because a forwarded packet is rewritten and encrypted.
    this.#lastLaw = law;
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

  /** The last voice played backwards and fading out: it begins where that voice ended, so nothing clicks. */
  lastFrameFadingOut(): Int16Array | undefined {
    if (this.#lastLaw === undefined) return undefined;
    const samples = new Int16Array(FRAME_SAMPLES);
    decodeG711(G711[this.#lastLaw], this.#lastPayload, samples);
    return samples.reverse().map((sample, i) => (sample * (FRAME_SAMPLES - i)) / FRAME_SAMPLES);
  }
}
