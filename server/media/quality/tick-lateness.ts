import { FRAME_MS } from '../codec/frame.ts';

/** How late frames are made, by the most punctual one that was seen: the wait in our own transmit queue. */
export class TickLateness {
  #offsetMs = Infinity;

  /**
   * @param tick - number of the frame, one each 20 ms.
   * @param nowMs - when it was made (monotonic).
   * @returns milliseconds, 0 for the most punctual.
   */
  of(tick: number, nowMs: number): number {
    const offsetMs = nowMs - tick * FRAME_MS;
    this.#offsetMs = Math.min(this.#offsetMs, offsetMs);
    return offsetMs - this.#offsetMs;
  }
}
