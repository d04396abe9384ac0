import { FRAME_SAMPLES, SAMPLES_PER_MS } from '../codec/frame.ts';
import { FUTURE_SAMPLES, PAST_SAMPLES } from './sample-ring.ts';
import type { SampleRing } from './sample-ring.ts';

/**
 * Which sample of the sender's time line is heard next, and when the others have their turn by our
 * clock. Timestamps are taken modulo 2^32, as on the wire.
 */
export class TimeLine {
  readonly #ring: SampleRing;
  #next: number | undefined;
  #heardTo = 0;
  /** The latest stretch in which the sender is silent on purpose. */
  #silence: { readonly from: number; readonly to?: number } | undefined;
  #poppedAtMs: number | undefined;

  constructor(ring: SampleRing) {
    this.#ring = ring;
  }

  /** Whether a packet has begun it. */
  get isOpen(): boolean { return this.#next !== undefined; }
  /** Timestamp of the next sample to be heard. */
  get next(): number { return this.#next ?? 0; }

  close(): void {
    this.#next = undefined;
  }

  /**
   * Moves, or begins when it is closed, so that this timestamp is heard after `delay` samples.
   * @param nowMs - monotonic.
   */
  open(timestamp: number, delay: number, nowMs: number): void {
    const isNew = !this.isOpen;
    this.#ring.clear();
    this.#next = (timestamp - delay + this.#untilPop(nowMs)) | 0;
    if (isNew) this.#heardTo = this.#next;
    this.#silence = undefined;
  }

  /** A frame is made now. */
  popAt(nowMs: number): void {
    this.#poppedAtMs = nowMs;
  }

  /** How far a timestamp is ahead of what is heard next, in samples; negative when its turn is over. */
  leadOf(timestamp: number): number { return (timestamp - this.next) | 0; }

  /** How long, in samples, until the frame is made in which this timestamp is due; negative when it was made. */
  slackOf(timestamp: number, nowMs: number): number {
    return Math.floor(this.leadOf(timestamp) / FRAME_SAMPLES) * FRAME_SAMPLES + this.#untilPop(nowMs);
  }

  /** How long, in samples, until this timestamp is heard. */
  waitOf(timestamp: number, nowMs: number): number { return this.leadOf(timestamp) + this.#untilPop(nowMs); }

  /** Whether a packet fits into what is kept around the next sample. */
  isNear(timestamp: number, length: number): boolean {
    const lead = this.leadOf(timestamp);
    return lead >= -PAST_SAMPLES && lead + length <= FUTURE_SAMPLES;
  }

  /** How many samples from this timestamp on cannot be heard any more. */
  missedOf(timestamp: number): number {
    return Math.max(0, -this.leadOf(timestamp), (this.#heardTo - timestamp) | 0);
  }

  /** Whether neither this timestamp nor one after it was heard. */
  isUnheard(timestamp: number): boolean { return ((timestamp - this.#heardTo) | 0) >= 0; }

  /** The sender is silent on purpose from this timestamp on, until its next voice. */
  expectSilence(timestamp: number): void {
    if (this.#silence !== undefined && this.#silence.to === undefined) return;
    this.#silence = { from: timestamp };
  }

  /** The sender's voice has come for this timestamp. */
  expectVoice(timestamp: number): void {
    if (this.#silence?.to !== undefined || !this.isSilence(timestamp)) return;
    this.#silence = { from: this.#silence?.from ?? timestamp, to: timestamp };
  }

  /** Whether what is missing at this timestamp was never said. */
  isSilence(timestamp: number): boolean {
    if (this.#silence === undefined || ((timestamp - this.#silence.from) | 0) < 0) return false;
    return this.#silence.to === undefined || ((timestamp - this.#silence.to) | 0) < 0;
  }

  /** Everything before this timestamp was heard, or will never be. */
  heard(to: number): void {
    this.#heardTo = to | 0;
  }

  advance(length: number): void {
    this.#ring.pass(this.next, length);
    this.#next = (this.next + length) | 0;
  }

  /** What was not heard yet has its turn again. */
  goBackTo(timestamp: number): void {
    this.#next = timestamp | 0;
  }

  /** Samples between now and the next frame; frames that are late are due now. */
  #untilPop(nowMs: number): number {
    const since = this.#poppedAtMs === undefined ? 0 : (nowMs - this.#poppedAtMs) * SAMPLES_PER_MS;
    return Math.round(FRAME_SAMPLES - Math.min(FRAME_SAMPLES, Math.max(0, since)));
  }
}
