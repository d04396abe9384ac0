import { lifetime, type SipTimers } from '../transaction/timers.ts';

/**
 * Repeats the 2xx to an INVITE until its ACK comes, or a reliable provisional response until its PRACK.
 * @remarks RFC 3261 §13.3.1.4: from T1, doubling up to T2, on any transport; after 64·T1 without
 *   an ACK the session is to be ended with a BYE.
 */
export class SuccessRetransmitter {
  readonly #longestMs: number;
  readonly #resend: () => void;
  #next: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;

  /**
   * @param resend - sends the 2xx again.
   * @param giveUp - called once when no ACK came in time.
   * @param longestMs - the longest interval; reliable provisional responses have none (RFC 3262 §3).
   */
  constructor(timers: SipTimers, resend: () => void, giveUp: () => void, longestMs = timers.t2) {
    this.#longestMs = longestMs;
    this.#resend = resend;
    this.#schedule(timers.t1);
    this.#end = setTimeout(() => {
      this.stop();
      giveUp();
    }, lifetime(timers));
  }

  /** The ACK came, or the dialog ended. Idempotent. */
  stop(): void {
    clearTimeout(this.#next);
    clearTimeout(this.#end);
    this.#next = undefined;
    this.#end = undefined;
  }

  #schedule(ms: number): void {
    this.#next = setTimeout(() => {
      this.#resend();
      this.#schedule(Math.min(ms * 2, this.#longestMs));
    }, ms);
  }
}
