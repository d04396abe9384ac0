import { DIGITS } from '../../model/digit.ts';
import type { Digit } from '../../model/digit.ts';

const EVENT_BYTES = 4;
/** Keys in one packet that are looked at: 100 ms each, so many are never under way at once. */
const MAX_EVENTS = 8;
const MAX_DURATION = 0xffff;
/** −55 dBm0 and below is no key; −36 dBm0 is the weakest that must be taken (RFC 2833 §3.5, ITU-T Q.24). */
const TOO_QUIET = 55;
/** Timestamps this far behind the last key are late packets of older ones. */
const LATE_WINDOW_S = 10;

/**
 * Turns the packets of one RTP source into keys, each reported once, at its first packet that arrives.
 * @remarks RFC 4733 §2.5.1: all packets of one key carry the timestamp of its start, so that updates and the
 *   retransmitted end are known by it, whichever of them are lost; §2.5.1.3: a key held for longer than the 16 bits of
 *   the duration say goes on in a new segment, whose timestamp is where the one before ended.
 */
export class EventReceiver {
  #clockRate = 8_000;
  #timestamp: number | undefined;
  #event = -1;
  #duration = 0;
  #hasEnded = true;

  /** The key that the last packet was about. */
  get latest(): Digit | undefined { return this.#timestamp === undefined ? undefined : DIGITS[this.#event]; }

  /**
   * Takes one telephone-event payload; several keys in one follow on each other (RFC 4733 §2.5.1.5).
   * @param timestamp - of the packet, in units of the event format's clock.
   * @param clockRate - of the event format, hertz.
   * @returns the keys of which this packet is the first that is seen.
   */
  receive(payload: Uint8Array, timestamp: number, marker: boolean, clockRate: number): readonly Digit[] {
    this.#clockRate = clockRate;
    const keys: Digit[] = [];
    let start = timestamp;
    for (let at = 0; at + EVENT_BYTES <= payload.length && at < MAX_EVENTS * EVENT_BYTES; at += EVENT_BYTES) {
      const [event = 0, flags = 0, high = 0, low = 0] = payload.subarray(at, at + EVENT_BYTES);
      const duration = (high << 8) | low;
      const key = DIGITS[event]; // Events 0–15 are the keys, in this order (RFC 4733 §3.2).
      const isKey = key !== undefined && (flags & 0x3f) < TOO_QUIET;
      if (isKey && this.#isNew(event, { start, duration, isEnd: (flags & 0x80) !== 0, marker: marker && at === 0 })) keys.push(key);
      start = (start + duration) >>> 0;
    }
    return keys;
  }

  /** A new source has its own timestamps. */
  reset(): void {
    this.#timestamp = undefined;
  }

  #isNew(event: number, report: EventReport): boolean {
    const { start, duration, isEnd } = report;
    const ahead = this.#timestamp === undefined ? 1 : (start - this.#timestamp) | 0;
    if (ahead === 0) {
      this.#duration = Math.max(this.#duration, duration);
      this.#hasEnded ||= isEnd;
      return false;
    }
    if (ahead < 0 && ahead > -LATE_WINDOW_S * this.#clockRate) return false;
    const isSameKey = this.#timestamp !== undefined && !this.#hasEnded && !report.marker && event === this.#event
      && (this.#isNextSegment(ahead) || this.#runsOn(ahead, duration));
    this.#timestamp = start;
    this.#event = event;
    this.#duration = duration;
    this.#hasEnded = isEnd;
    return !isSameKey;
  }

  /** Begins where the segment before was full; its last updates, of a quarter of a second, may be lost. */
  #isNextSegment(ahead: number): boolean {
    return ahead >= this.#duration && ahead <= MAX_DURATION && this.#duration > MAX_DURATION - this.#clockRate / 4;
  }

  /** Some gateways count the timestamp up within a key, in step with its duration. */
  #runsOn(ahead: number, duration: number): boolean {
    return ahead > 0 && ahead === duration - this.#duration;
  }
}

interface EventReport {
  readonly start: number;
  readonly duration: number;
  readonly isEnd: boolean;
  readonly marker: boolean;
}
