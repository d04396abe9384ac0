/** Counts packets in windows of a second by a clock that never steps back, and says when there are too many. */
export class PacketRate {
  readonly #limit: number;
  #windowStartMs = -Infinity;
  #packets = 0;

  /** @param limit - packets a second that are not too many. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts one packet. @returns whether it is one too many. @param nowMs - monotonic. */
  isExceededAt(nowMs: number): boolean {
    if (nowMs - this.#windowStartMs >= 1_000) {
      this.#windowStartMs = nowMs;
      this.#packets = 0;
    }
    this.#packets += 1;
    return this.#packets > this.#limit;
  }
}
