import { DIGITS } from '../../model/digit.ts';
import type { Digit } from '../../model/digit.ts';

/** Timestamps this far behind the last event are late packets of older events. */
const LATE_WINDOW = 8_000 * 10;
const MAX_DURATION = 0xffff;

/**
 * Turns the packets of one RTP source into keys, each reported once, at its first packet.
 * @remarks RFC 4733 §2.5.1: all packets of one event carry the timestamp of its start, so the
 *   retransmitted end packets are known by it; §2.5.1.3: an event longer than 65,535 units goes
 *   on in a new segment whose timestamp follows on the one before.
 */
export class EventReceiver {
  #timestamp: number | undefined;
  #event = -1;
  #duration = 0;
  #ended = true;

  /**
   * Takes one telephone-event payload.
   * @returns the key when this packet is the first that is seen of it, else undefined.
   */
  receive(payload: Uint8Array, timestamp: number, marker: boolean): Digit | undefined {
    const [event, flags, high, low] = payload;
    if (event === undefined || flags === undefined || high === undefined || low === undefined) return undefined;
    const digit = DIGITS[event]; // Events 0–15 are the keys, in this order (RFC 4733 §3.2).
    if (digit === undefined) return undefined;
    const duration = (high << 8) | low;
    const isEnd = (flags & 0x80) !== 0;
    if (this.#timestamp !== undefined) {
      if (timestamp === this.#timestamp) {
        this.#duration = Math.max(this.#duration, duration);
        this.#ended ||= isEnd;
        return undefined;
      }
      const ahead = (timestamp - this.#timestamp) | 0;
      if (ahead < 0 && ahead > -LATE_WINDOW) return undefined;
      const isNextSegment = !this.#ended && !marker && event === this.#event
        && ahead === this.#duration && this.#duration > MAX_DURATION - 8_000;
      this.#begin(timestamp, event, duration, isEnd);
      return isNextSegment ? undefined : digit;
    }
    this.#begin(timestamp, event, duration, isEnd);
    return digit;
  }

  /** A new source has its own timestamps. */
  reset(): void {
    this.#timestamp = undefined;
  }

  #begin(timestamp: number, event: number, duration: number, isEnd: boolean): void {
    this.#timestamp = timestamp;
    this.#event = event;
    this.#duration = duration;
    this.#ended = isEnd;
  }
}
