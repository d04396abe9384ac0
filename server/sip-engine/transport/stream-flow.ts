import type { Counters } from '../guard/counters.ts';
import type { SipLimits } from '../guard/limits.ts';
import type { Flow, Transport, TransportEvents } from './flow.ts';

/** A peer with more than this unread gets no more answers to its keep-alives: pings must not fill our memory. */
const MAX_UNREAD_BYTES = 4_096;

/** The part of a connection that differs between TCP and WebSocket. */
export interface StreamCarrier {
  readonly bufferedBytes: number;
  write(text: string, onFailed: () => void): void;
  /** Ends the connection without waiting for the peer. */
  destroy(): void;
}

/** What a {@link StreamFlow} is made with. */
export interface StreamFlowOptions {
  readonly transport: Exclude<Transport, 'udp'>;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly carrier: StreamCarrier;
  readonly limits: SipLimits;
  readonly counters: Counters;
  readonly events: TransportEvents;
  /** Called once when the connection is gone, before `onFlowClosed`. */
  readonly onGone: (flow: StreamFlow) => void;
}

/** One TCP or WebSocket connection as a flow, with its idle and slow-loris clocks. */
export class StreamFlow implements Flow {
  readonly transport: Exclude<Transport, 'udp'>;
  readonly reliable = true;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly #options: StreamFlowOptions;
  #open = true;
  #idle: NodeJS.Timeout | undefined;
  #partial: NodeJS.Timeout | undefined;

  constructor(options: StreamFlowOptions) {
    this.#options = options;
    this.transport = options.transport;
    this.remoteAddress = options.remoteAddress;
    this.remotePort = options.remotePort;
    this.localAddress = options.localAddress;
    this.localPort = options.localPort;
    this.#idle = setTimeout(() => this.#closeFor('idle'), options.limits.idleMs);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  send(text: string, onFailed?: () => void): void {
    const { carrier, counters, limits } = this.#options;
    const fail = (): void => {
      counters.add(`fault.${this.transport}-send`);
      onFailed?.();
    };
    if (!this.#open) {
      queueMicrotask(fail);
      return;
    }
    counters.add(`sent.${this.transport}`);
    carrier.write(text, fail);
    if (carrier.bufferedBytes > limits.sendBufferBytes) this.#closeFor('slow-reader');
  }

  /** Whether the peer leaves unread what it was sent. */
  get isBehind(): boolean {
    return this.#options.carrier.bufferedBytes > MAX_UNREAD_BYTES;
  }

  /** Answers a keep-alive (RFC 5626 §4.4.1), unless the peer is behind. */
  pong(): void {
    if (this.isBehind) this.#options.counters.add('dropped.keep-alive');
    else this.#options.carrier.write('\r\n', () => this.#options.counters.add(`fault.${this.transport}-send`));
  }

  /** Hands one message up. */
  receive(text: string): void {
    this.#options.counters.add(`received.${this.transport}`);
    this.#options.events.onMessage(text, this);
  }

  /** Tells that bytes arrived, and whether they left a message incomplete. */
  touch(isPartial: boolean): void {
    this.#idle?.refresh();
    if (isPartial) {
      this.#partial ??= setTimeout(() => this.#closeFor('slow-message'), this.#options.limits.messageMs);
    } else {
      clearTimeout(this.#partial);
      this.#partial = undefined;
    }
  }

  /** Ends the connection; pending requests on it fail. Idempotent. */
  close(): void {
    this.#options.carrier.destroy();
    this.gone();
  }

  /** The connection ended, for whatever reason. Idempotent. */
  gone(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#idle);
    clearTimeout(this.#partial);
    this.#options.onGone(this);
    this.#options.events.onFlowClosed(this);
  }

  #closeFor(reason: 'idle' | 'slow-reader' | 'slow-message'): void {
    this.#options.counters.add(`closed.${reason}`);
    this.close();
  }
}
