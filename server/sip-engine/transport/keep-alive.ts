import type { SipLimits } from '../guard/limits.ts';

/** What a {@link KeepAlive} acts on. */
export interface KeepAliveActions {
  /** Sends the ping. */
  ping(): void;
  /** The peer used to answer, and does not any more. */
  onDead(): void;
}

/**
 * Pings a connection whenever it has been quiet, and finds out when it is half-open.
 * @remarks RFC 5626 §4.4.1. Only peers that have answered a ping before are expected to answer:
 *   others may ignore it (RFC 3261 §7.5), and are left to the probes of TCP.
 */
export class KeepAlive {
  readonly #limits: Pick<SipLimits, 'keepAliveMs' | 'pongMs'>;
  readonly #actions: KeepAliveActions;
  #timer: NodeJS.Timeout;
  #isWaiting = false;
  #isKnownToAnswer = false;

  constructor(limits: Pick<SipLimits, 'keepAliveMs' | 'pongMs'>, actions: KeepAliveActions) {
    this.#limits = limits;
    this.#actions = actions;
    this.#timer = setTimeout(() => this.#onQuiet(), limits.keepAliveMs);
  }

  /** Something came from the peer. */
  heard(): void {
    if (!this.#isWaiting) {
      this.#timer.refresh();
      return;
    }
    this.#isWaiting = false;
    this.#isKnownToAnswer = true;
    this.#restart();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #onQuiet(): void {
    this.#isWaiting = true;
    this.#actions.ping();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onNoAnswer(), this.#limits.pongMs);
  }

  #onNoAnswer(): void {
    this.#isWaiting = false;
    if (this.#isKnownToAnswer) this.#actions.onDead();
    else this.#restart();
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onQuiet(), this.#limits.keepAliveMs);
  }
}
