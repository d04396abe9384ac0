import type { Flow } from '../transport/flow.ts';

/** Counts what is sent to a source that may not be where it says. */
export interface AnswerMeter {
  spend(bytes: number, flow: Flow): 'free' | boolean;
}

/** A UDP flow on which nothing leaves that its peer has not earned, until the peer is proven. */
export class MeteredFlow implements Flow {
  readonly #flow: Flow;
  readonly #meter: AnswerMeter;
  #isFree = false;

  constructor(flow: Flow, meter: AnswerMeter) {
    this.#flow = flow;
    this.#meter = meter;
  }

  get transport(): Flow['transport'] { return this.#flow.transport; }
  get reliable(): boolean { return this.#flow.reliable; }
  get remoteAddress(): string { return this.#flow.remoteAddress; }
  get remotePort(): number { return this.#flow.remotePort; }
  get localAddress(): string { return this.#flow.localAddress; }
  get localPort(): number { return this.#flow.localPort; }
  get viaParams(): string { return this.#flow.viaParams ?? ''; }
  get isOpen(): boolean { return this.#flow.isOpen; }

  /** What is not earned is dropped, as a network might: the retransmissions of the peer earn more. */
  send(text: string, onFailed?: () => void): void {
    if (!this.#isFree) {
      const allowance = this.#meter.spend(text.length, this.#flow);
      if (allowance === false) return;
      this.#isFree = allowance === 'free';
    }
    this.#flow.send(text, onFailed);
  }
}
