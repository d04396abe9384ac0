import { SAMPLES_PER_MS } from '../codec/frame.ts';
import { DelayControl, MAX_DELAY, START_DELAY } from './delay-control.ts';
import { LossConcealment } from './loss-concealment.ts';
import { Playout } from './playout.ts';
import { FUTURE_SAMPLES, SampleRing } from './sample-ring.ts';
import { TimeLine } from './time-line.ts';

/** Packets from elsewhere in time, each after the other, after which the sender's time line is taken as new. */
const STRAYS_TO_RESTART = 3;
/** A packet that would wait so much longer than the longest delay: what waits is cut. */
const MAX_SLACK = MAX_DELAY + 200 * SAMPLES_PER_MS;
const MAX_PACKET_SAMPLES = FUTURE_SAMPLES / 2;

/** What a buffer lived through, for the quality of a leg. */
export interface JitterFigures {
  /** How long voice waits now from its arrival until it is heard, on average. */
  readonly delayMs: number;
  /** How long the fastest packets should, by what the network does. */
  readonly targetMs: number;
  /** Packets that came after their turn, or from elsewhere in time. */
  readonly late: number;
  readonly duplicates: number;
  /** Voice that was made up for lost or late packets. */
  readonly concealedMs: number;
  /** Periods that were repeated or dropped to change the delay. */
  readonly stretches: number;
  /** Times that the sender's time line was taken as new, or waiting voice was cut. */
  readonly restarts: number;
}

/**
 * Puts decoded voice that arrives in any order and rhythm into an even stream of 20 ms frames.
 * Bounded: one second of voice at most.
 * @remarks The delay follows the network (delay-control.ts). It grows at once when a packet comes
 *   after its turn and nothing after it was heard, else, and when it shrinks, by a period of the
 *   voice at a time, or in silence. Gaps are concealed (loss-concealment.ts). No sample is heard
 *   before one with a smaller timestamp of the same time line, and none twice.
 */
export class JitterBuffer {
  readonly #ring: SampleRing;
  readonly #line: TimeLine;
  readonly #control = new DelayControl();
  readonly #concealment = new LossConcealment();
  readonly #playout: Playout;
  #strays = 0;
  /** Timestamp after the last stray: those that follow each other are a time line, others are late. */
  #strayTo = 0;
  #late = 0;
  #duplicates = 0;
  #restarts = 0;

  /** @param ring - only for those who must see what is taken. */
  constructor(ring = new SampleRing()) {
    this.#ring = ring;
    this.#line = new TimeLine(ring);
    this.#playout = new Playout({ ring, line: this.#line, control: this.#control, concealment: this.#concealment });
  }

  /** The next packet begins another time line (a new source); what is heard now dies away. */
  restart(): void {
    this.#line.close();
  }

  /** As {@link restart}, and what was heard last is forgotten: it was long ago. */
  reset(): void {
    this.restart();
    this.#concealment.forget();
  }

  /**
   * Takes the voice of one packet.
   * @param timestamp - RTP timestamp of the first sample.
   * @param nowMs - of its arrival (monotonic).
   * @param marker - whether the sender began to talk with it (RFC 3551 §4.1).
   */
  push(timestamp: number, samples: Int16Array, nowMs: number, marker = false): void {
    if (samples.length === 0 || samples.length > MAX_PACKET_SAMPLES) return;
    if (!this.#line.isOpen) this.#begin(timestamp, nowMs);
    if (!this.#line.isNear(timestamp, samples.length) && !this.#follow(timestamp, samples.length, { nowMs, marker })) {
      this.#late += 1;
      return;
    }
    if (this.#ring.isStored(timestamp) || this.#ring.wasTaken(timestamp)) {
      this.#duplicates += 1;
      return;
    }
    this.#waitForLate(timestamp, nowMs);
    this.#keep(timestamp, samples, nowMs);
  }

  /** The sender says that it is silent from this timestamp on: what is missing there was not lost. */
  expectSilence(timestamp: number): void {
    this.#line.expectSilence(timestamp);
  }

  /**
   * Hands out the next 20 ms.
   * @param into - 160 samples; silence where there is nothing.
   * @param nowMs - monotonic.
   * @returns whether it holds voice of the peer, or what stands for it.
   */
  pop(into: Int16Array, nowMs: number): boolean {
    this.#line.popAt(nowMs);
    this.#playout.fill(into);
    return this.#concealment.isAudible;
  }

  get figures(): JitterFigures {
    return {
      delayMs: this.#control.delay / SAMPLES_PER_MS, targetMs: this.#control.target / SAMPLES_PER_MS,
      late: this.#late, duplicates: this.#duplicates, concealedMs: this.#concealment.concealed / SAMPLES_PER_MS,
      stretches: this.#playout.stretches, restarts: this.#restarts,
    };
  }

  #begin(timestamp: number, nowMs: number): void {
    this.#control.clear();
    this.#line.open(timestamp, START_DELAY, nowMs);
    this.#strays = 0;
  }

  /** Whether a packet from elsewhere in time begins a time line that is to be followed. */
  #follow(timestamp: number, length: number, { nowMs, marker }: { readonly nowMs: number; readonly marker: boolean }): boolean {
    this.#strays = timestamp === this.#strayTo ? this.#strays + 1 : 1;
    this.#strayTo = (timestamp + length) >>> 0;
    const isFree = this.#line.isUnheard(timestamp) && (marker || !this.#concealment.isAudible);
    if (!isFree && this.#strays < STRAYS_TO_RESTART) return false;
    if (!isFree) this.#line.close();
    this.#concealment.cut();
    this.#begin(timestamp, nowMs);
    this.#restarts += 1;
    return true;
  }

  /** A late packet has its turn after all, when nothing after it was heard and the delay allows for it. */
  #waitForLate(timestamp: number, nowMs: number): void {
    const lateBy = -this.#line.leadOf(timestamp);
    if (lateBy <= 0 || !this.#line.isUnheard(timestamp)) return;
    if (lateBy <= this.#control.room) {
      this.#control.shift(lateBy);
      this.#line.goBackTo(timestamp);
    } else if (!this.#concealment.isAudible) {
      this.#begin(timestamp, nowMs);
    }
  }

  #keep(timestamp: number, samples: Int16Array, nowMs: number): void {
    this.#strays = 0;
    const slack = this.#line.slackOf(timestamp, nowMs);
    this.#control.note(slack, this.#line.waitOf(timestamp, nowMs));
    const missed = this.#line.missedOf(timestamp);
    if (missed >= samples.length) {
      this.#late += 1;
      return;
    }
    this.#ring.store((timestamp + missed) | 0, samples.subarray(missed));
    this.#line.expectVoice(timestamp);
    if (slack > MAX_SLACK) this.#skip(slack - this.#control.target);
  }

  /** Too much waits: the oldest is not heard. */
  #skip(length: number): void {
    this.#concealment.cut();
    this.#restarts += 1;
    this.#control.shift(-length);
    this.#line.advance(length);
    this.#line.heard(this.#line.next);
  }
}
