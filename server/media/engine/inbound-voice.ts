import type { Digit } from '../../model/digit.ts';
import { FRAME_SAMPLES } from '../codec/frame.ts';
import { G711, decodeG711 } from '../codec/g711.ts';
import type { G711Name } from '../codec/g711.ts';
import { EventReceiver } from '../dtmf/event-receiver.ts';
import { JitterQueue } from '../jitter/jitter-queue.ts';
import { makeRtpFields, parseRtp } from '../rtp/packet.ts';
import type { RtpFields } from '../rtp/packet.ts';
import type { AgreedAudio } from '../sdp/negotiate-plain.ts';
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
  readonly #events = new EventReceiver();
  readonly #scratch = new Int16Array(FRAME_SAMPLES);
  readonly #lastPayload = Buffer.alloc(FRAME_SAMPLES);
  #lastLaw: G711Name | undefined;
  #isRegular = true;
  #hasFrame = false;
  #isWanted = false;
  #lastPacketMs = 0;

  constructor(reports: LegReports) {
    this.#reports = reports;
  }

  /** Whether the leg's packets have 20 ms, as those that are sent must have. */
  get isRegular(): boolean { return this.#isRegular; }
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
   * @returns the law of its voice, or `event`; undefined when there is nothing to do with it.
   */
  receive(packet: Buffer, audio: AgreedAudio | undefined, nowMs: number): G711Name | 'event' | undefined {
    const { fields } = this;
    if (!parseRtp(packet, fields)) {
      this.#reports.countMalformed();
      return undefined;
    }
    const kind = audio?.inbound.get(fields.payloadType);
    if (kind === undefined) {
      this.#reports.countUnknown(); // Comfort noise (payload type 13) is one: silence needs no packet.
      return undefined;
    }
    this.#lastPacketMs = nowMs;
    const { reception } = this.#reports;
    if (reception.ssrc !== fields.ssrc) {
      this.#events.reset();
      if (this.#isWanted) this.queue.restart();
    }
    reception.count(fields.ssrc, fields.sequence, fields.timestamp, nowMs);
    if (kind === 'telephone-event') return 'event';
    this.#keepVoice(packet.subarray(fields.payloadStart, fields.payloadEnd), kind);
    return kind;
  }

  /** The key of an event packet, when it is the first packet of it. */
  readKey(packet: Buffer): Digit | undefined {
    const { payloadStart, payloadEnd, timestamp, marker } = this.fields;
    return this.#events.receive(packet.subarray(payloadStart, payloadEnd), timestamp, marker);
  }

  #keepVoice(payload: Buffer, law: G711Name): void {
    this.#isRegular = payload.length === FRAME_SAMPLES;
    if (this.#isWanted) {
      const samples = this.#isRegular ? this.#scratch : new Int16Array(payload.length);
      decodeG711(G711[law], payload, samples);
      this.queue.push(this.fields.timestamp, samples);
    }
    if (!this.#isRegular) return;
    payload.copy(this.#lastPayload); // A copy, because a forwarded packet is rewritten and encrypted.
    this.#lastLaw = law;
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

  /** The last voice played backwards and fading out: it begins where that voice ended, so nothing clicks. */
  lastFrameFadingOut(): Int16Array | undefined {
    if (this.#lastLaw === undefined) return undefined;
    const samples = new Int16Array(FRAME_SAMPLES);
    decodeG711(G711[this.#lastLaw], this.#lastPayload, samples);
    return samples.reverse().map((sample, i) => (sample * (FRAME_SAMPLES - i)) / FRAME_SAMPLES);
  }
}
