import type { Counters } from '../guard/counters.ts';
import type { SipLimits } from '../guard/limits.ts';
import type { Flow, StreamTransport, TransportEvents } from './flow.ts';
import { KeepAlive } from './keep-alive.ts';

/** A peer with more than this unread gets no more answers to its keep-alives: pings must not fill our memory. */
const MAX_UNREAD_BYTES = 4_096;

/** The part of a connection that differs between TCP, TLS and WebSocket. */
export interface StreamCarrier {
  readonly bufferedBytes: number;
  write(text: string, onFailed: () => void): void;
  /** Ends the connection without waiting for the peer. */
  destroy(): void;
}

/** What a {@link StreamFlow} is made with. */
export interface StreamFlowOptions {
  readonly transport: StreamTransport;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly carrier: StreamCarrier;
  readonly limits: SipLimits;
  readonly counters: Counters;
  readonly events: TransportEvents;
  /** Whether the peer opened it: then it has to say something soon. */
  readonly isAccepted: boolean;
  readonly viaParams?: string;
  /** Called once when the connection is gone, before `onFlowClosed`. */
  readonly onGone: (flow: StreamFlow) => void;
}

/** One connection as a flow, with its idle, slow-loris and half-open clocks. */
export class StreamFlow implements Flow {
  readonly transport: StreamTransport;
  readonly reliable = true;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly viaParams?: string;
  readonly #options: StreamFlowOptions;
  #open = true;
  /** Whether anything whole came yet. */
  #hasSpoken: boolean;
  #keepAlive: KeepAlive | undefined;
  #idle: NodeJS.Timeout | undefined;
  #partial: NodeJS.Timeout | undefined;

  constructor(options: StreamFlowOptions) {
    this.#options = options;
    this.transport = options.transport;
    this.remoteAddress = options.remoteAddress;
    this.remotePort = options.remotePort;
    this.localAddress = options.localAddress;
    this.localPort = options.localPort;
    if (options.viaParams !== undefined) this.viaParams = options.viaParams;
    this.#hasSpoken = !options.isAccepted;
    this.#idle = options.isAccepted
      ? setTimeout(() => this.#closeFor('silent'), options.limits.silentMs)
      : setTimeout(() => this.#closeFor('idle'), options.limits.idleMs);
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
    this.#spoke();
    if (this.isBehind) this.#options.counters.add('dropped.keep-alive');
    else this.#options.carrier.write('\r\n', () => this.#options.counters.add(`fault.${this.transport}-send`));
  }

  /** Hands one message up. */
  receive(text: string): void {
    this.#spoke();
    this.#options.counters.add(`received.${this.transport}`);
    this.#options.events.onMessage(text, this);
  }

  /**
   * Tells that bytes arrived.
   * @param isPartial - whether they left a message incomplete.
   * @param isProgress - whether they completed one: what is incomplete now has just begun.
   */
  touch(isPartial: boolean, isProgress = false): void {
    if (this.#hasSpoken) this.#idle?.refresh();
    this.#keepAlive?.heard();
    if (!isPartial || isProgress) {
      clearTimeout(this.#partial);
      this.#partial = undefined;
    }
    if (isPartial) this.#partial ??= setTimeout(() => this.#closeFor('slow-message'), this.#options.limits.messageMs);
  }

  /** Asks the peer for signs of life from now on; for connections that we opened (RFC 5626 §4.4.1). */
  keepAlive(): void {
    const { limits, carrier } = this.#options;
    if (!this.#open) return;
    this.#keepAlive = new KeepAlive(limits, {
      ping: () => carrier.write('\r\n\r\n', () => undefined), // A failure closes the connection, and that is heard.
      onDead: () => this.#closeFor('half-open'),
    });
  }

  /** Ends a connection whose peer is not there any more; counted. */
  closeHalfOpen(): void {
    this.#closeFor('half-open');
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
    this.#keepAlive?.stop();
    this.#options.onGone(this);
    this.#options.events.onFlowClosed(this);
  }

  /** The first whole thing came: from now on only the long clock counts. */
  #spoke(): void {
    if (this.#hasSpoken) return;
    this.#hasSpoken = true;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#closeFor('idle'), this.#options.limits.idleMs);
  }

  #closeFor(reason: 'idle' | 'silent' | 'slow-reader' | 'slow-message' | 'half-open'): void {
    this.#options.counters.add(`closed.${reason}`);
    this.close();
  }
}
