import type { Flow, Transport } from './flow.ts';

/**
 * The way of the responses to one request that came over a connection: back over it, or, when it
 * is gone, over a new one.
 * @remarks RFC 3261 §18.2.2, first item.
 */
export class ResponseFlow implements Flow {
  readonly reliable = true;
  readonly #flow: Flow;
  readonly #reopen: () => Flow;
  #reopened: Flow | undefined;

  /** @param reopen - called at most once, when a response has to go out and the connection is gone. */
  constructor(flow: Flow, reopen: () => Flow) {
    this.#flow = flow;
    this.#reopen = reopen;
  }

  get transport(): Transport { return this.#flow.transport; }
  get remoteAddress(): string { return this.#flow.remoteAddress; }
  get remotePort(): number { return this.#flow.remotePort; }
  get localAddress(): string { return this.#flow.localAddress; }
  get localPort(): number { return this.#flow.localPort; }
  get isOpen(): boolean { return this.#flow.isOpen || this.#reopened?.isOpen === true; }

  send(text: string, onFailed?: () => void): void {
    if (this.#flow.isOpen) {
      this.#flow.send(text, onFailed);
      return;
    }
    this.#reopened ??= this.#reopen();
    this.#reopened.send(text, onFailed);
  }
}
