import { randomInt } from 'node:crypto';
import { FRAMES_PER_SECOND } from '../codec/frame.ts';

/** Our time line may be this many frames ahead of the common clock before it is set anew: 60 ms. */
const MAX_AHEAD_FRAMES = 3;

/**
 * The time line of what one leg is sent: RTP timestamps on the common clock of 20 ms frames.
 * @remarks RFC 3550 §5.1: the timestamp follows the sampling clock.
 */
export class OutboundClock {
  #base = randomInt(0xffff_ffff);
  #frameUnits = 160;
  #last: number | undefined;
  #hasJumped = false;

  /** Units of the timestamp in a frame of 20 ms. */
  get frameUnits(): number { return this.#frameUnits; }
  /** Timestamp of what was sent last. */
  get last(): number | undefined { return this.#last; }

  /** Counts in other units from now on, where the line stood. @param tick - the latest frame of the common clock. */
  setRate(clockRate: number, tick: number): void {
    const frameUnits = clockRate / FRAMES_PER_SECOND;
    if (frameUnits === this.#frameUnits) return;
    const now = this.timestampAt(tick);
    this.#frameUnits = frameUnits;
    this.#base = (now - tick * frameUnits) >>> 0;
  }

  /** The timestamp of a frame of the common clock. */
  timestampAt(tick: number): number { return (this.#base + tick * this.#frameUnits) >>> 0; }

  /** Whether something that was sent already has taken the place of this frame in time. */
  isFilled(tick: number): boolean {
    if (this.#last === undefined) return false;
    const step = (this.timestampAt(tick) - this.#last) | 0;
    return step <= 0 && step > -MAX_AHEAD_FRAMES * this.#frameUnits;
  }

  /** Whether the line was set anew for the timestamp that was taken last. */
  get hasJumped(): boolean { return this.#hasJumped; }

  /** The timestamp for what is sent in this frame. */
  take(tick: number): number {
    let timestamp = this.timestampAt(tick);
    this.#hasJumped = false;
    if (this.#last !== undefined && ((timestamp - this.#last) | 0) < this.#frameUnits) {
      // A speaker whose clock runs faster than ours has pushed the line ahead: go on from there.
      const next = (this.#last + this.#frameUnits) >>> 0;
      this.#base = (this.#base + (next - timestamp)) >>> 0;
      timestamp = next;
      this.#hasJumped = true;
    }
    this.#last = timestamp;
    return timestamp;
  }

  /** Where packets of another time line begin in ours: after what was sent, and not before the common clock. */
  nextFrom(tick: number): number {
    const onClock = this.timestampAt(tick);
    const after = this.#last === undefined ? onClock : (this.#last + this.#frameUnits) >>> 0;
    return ((after - onClock) | 0) > 0 ? after : onClock;
  }

  /** Something was sent with this timestamp. */
  advanceTo(timestamp: number): void {
    if (this.#last === undefined || ((timestamp - this.#last) | 0) > 0) this.#last = timestamp;
  }
}
