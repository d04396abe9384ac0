import { SAMPLES_PER_MS } from '../codec/frame.ts';
import { LossWindow } from './loss-window.ts';
import type { LossFigures } from './loss-window.ts';

/** Sequence numbers may jump forward this far before the stream counts as a new one (RFC 3550 A.1). */
const MAX_DROPOUT = 3_000;
const MAX_MISORDER = 100;

/** What reception looked like so far, for reports and for the history. */
export interface ReceptionFigures {
  readonly packets: number;
  /** Packets expected but never seen; duplicates can make it negative (RFC 3550 §6.4.1). */
  readonly lost: number;
  readonly duplicatesOrLate: number;
  /** Interarrival jitter in milliseconds. */
  readonly jitterMs: number;
  /** Loss as listeners have it, where duplicates make up for nothing. */
  readonly loss: LossFigures;
}

/** One report block's worth of reception, as RTCP carries it. */
export interface ReportBlock {
  readonly ssrc: number;
  /** Loss since the last block, as a fraction of 256. */
  readonly fractionLost: number;
  readonly cumulativeLost: number;
  readonly highestSequence: number;
  /** In timestamp units. */
  readonly jitter: number;
}

/**
 * Counts what one RTP source sent us: loss and jitter.
 * @remarks RFC 3550 appendix A.1 (sequence), A.3 (loss), A.8 (jitter).
 */
export class Reception {
  #ssrc: number | undefined;
  #baseSequence = 0;
  #maxSequence = 0;
  #cycles = 0;
  #received = 0;
  #sequenceAfterJump: number | undefined;
  #late = 0;
  #jitter = 0;
  #lastTransit: number | undefined;
  #reportedExpected = 0;
  #reportedReceived = 0;
  /** Totals of sources that came before the present one. */
  #earlierPackets = 0;
  #earlierLost = 0;
  readonly #losses = new LossWindow();

  get ssrc(): number | undefined { return this.#ssrc; }

  /** Counts one packet of voice that arrived at `nowMs` (monotonic milliseconds). */
  count(ssrc: number, sequence: number, timestamp: number, nowMs: number): void {
    this.countUntimed(ssrc, sequence);
    this.#measureJitter(timestamp, nowMs);
  }

  /** Counts a packet that is not sent at its timestamp, such as a key's (RFC 4733 §2.5.1): it says nothing of jitter. */
  countUntimed(ssrc: number, sequence: number): void {
    if (ssrc !== this.#ssrc) this.#startSource(ssrc, sequence);
    const ahead = (sequence - this.#maxSequence) & 0xffff;
    if (this.#received === 0) {
      this.#maxSequence = sequence;
    } else if (ahead === 0 || ahead > 0x1_0000 - MAX_MISORDER) {
      this.#late += 1;
    } else if (ahead < MAX_DROPOUT) {
      if (sequence < this.#maxSequence) this.#cycles += 0x1_0000;
      this.#maxSequence = sequence;
    } else if (sequence === this.#sequenceAfterJump) {
      this.#startSource(ssrc, sequence);
    } else {
      // Only a second packet that follows shows that the sender began anew: this one may be a stray.
      this.#sequenceAfterJump = (sequence + 1) & 0xffff;
      return;
    }
    this.#received += 1;
    this.#losses.note(sequence);
  }

  /** Takes a report block; the fraction lost counts from the block before. */
  takeReport(): ReportBlock | undefined {
    if (this.#ssrc === undefined) return undefined;
    const expected = this.#expected();
    const expectedSince = expected - this.#reportedExpected;
    const lostSince = expectedSince - (this.#received - this.#reportedReceived);
    this.#reportedExpected = expected;
    this.#reportedReceived = this.#received;
    return {
      ssrc: this.#ssrc,
      fractionLost: expectedSince <= 0 || lostSince <= 0 ? 0 : Math.min(255, Math.floor((lostSince * 256) / expectedSince)),
      cumulativeLost: Math.max(-0x80_0000, Math.min(0x7f_ffff, expected - this.#received)),
      highestSequence: (this.#cycles + this.#maxSequence) >>> 0,
      jitter: Math.floor(this.#jitter),
    };
  }

  figures(): ReceptionFigures {
    return {
      packets: this.#earlierPackets + this.#received,
      lost: this.#earlierLost + (this.#ssrc === undefined ? 0 : this.#expected() - this.#received),
      duplicatesOrLate: this.#late,
      jitterMs: this.#jitter / SAMPLES_PER_MS,
      loss: this.#losses.figures,
    };
  }

  #expected(): number {
    return this.#received === 0 ? 0 : this.#cycles + this.#maxSequence - this.#baseSequence + 1;
  }

  #startSource(ssrc: number, sequence: number): void {
    if (this.#ssrc !== undefined) {
      this.#earlierPackets += this.#received;
      this.#earlierLost += this.#expected() - this.#received;
    }
    this.#losses.restart();
    this.#ssrc = ssrc;
    this.#baseSequence = sequence;
    this.#maxSequence = sequence;
    this.#cycles = 0;
    this.#received = 0;
    this.#sequenceAfterJump = undefined;
    this.#reportedExpected = 0;
    this.#reportedReceived = 0;
    this.#lastTransit = undefined;
  }

  #measureJitter(timestamp: number, nowMs: number): void {
    // Transit is taken modulo 2^32, like the timestamp.
    const transit = (Math.round(nowMs * SAMPLES_PER_MS) - timestamp) | 0;
    if (this.#lastTransit !== undefined) {
      const change = Math.abs((transit - this.#lastTransit) | 0);
      // A timestamp jump of more than a second is a new time line, not jitter.
      if (change < 1_000 * SAMPLES_PER_MS) this.#jitter += (change - this.#jitter) / 16;
    }
    this.#lastTransit = transit;
  }
}
