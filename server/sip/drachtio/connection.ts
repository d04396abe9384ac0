import { Server } from 'node:net';
import Srf from 'drachtio-srf';
import type { Logger } from 'pino';
import { AppError, describeError } from '../../base/app-error.ts';
import { delay, withDeadline } from '../../base/deadline.ts';
import type { ConnectableStack, SipStack } from './messages.ts';
import { Settlement } from '../settlement.ts';

/** Where the SIP server is: at an admin port, or in this process, which it connects to by itself. */
export type DrachtioAddress = { readonly secret: string } & (
  | { readonly host: string; readonly port: number }
  | { readonly attach: (server: Server) => void }
);

/** What a {@link DrachtioConnection} works with. */
export interface DrachtioConnectionOptions {
  readonly address: DrachtioAddress;
  /** Attaches the request handlers to a fresh stack. */
  readonly serve: (stack: SipStack) => void;
  /** The connection is gone, and every dialog and transaction with it. */
  readonly onLost: () => void;
  /** It is back after a loss. */
  readonly onRestored?: () => void;
  readonly onFault: (cause: unknown) => void;
  readonly logger?: Logger | undefined;
}

const CONNECT_DEADLINE_MS = 10_000;
const CLOSE_DEADLINE_MS = 2_000;
const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;

/**
 * The connection to a drachtio server, ours or the real one, kept up.
 * @remarks Each attempt gets an Srf object of its own, and the library's reconnection is switched off: it keeps the
 *   dialogs of the lost connection, and cannot be closed while it waits.
 */
export class DrachtioConnection {
  readonly #options: DrachtioConnectionOptions;
  readonly #closing = new AbortController();
  #stack: SipStack | undefined;
  #reconnects = 0;
  /** Settles when the present socket is closed. */
  #closed = new Settlement<undefined>();

  private constructor(options: DrachtioConnectionOptions) {
    this.#options = options;
  }

  /**
   * @throws AppError `sip.server-unreachable` when the first attempt fails, `sip.secret-refused` when the server
   *   does not accept the secret.
   */
  static async connect(options: DrachtioConnectionOptions): Promise<DrachtioConnection> {
    const connection = new DrachtioConnection(options);
    await connection.#open();
    return connection;
  }

  /** The stack to send with; nothing while the connection is down. */
  get stack(): SipStack | undefined {
    return this.#stack;
  }

  /** How often it was lost and made again. */
  get reconnects(): number {
    return this.#reconnects;
  }

  /** Stops for good; idempotent. What was written before still leaves. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return this.#closed.promise;
    this.#closing.abort();
    if (this.#stack === undefined) return;
    this.#stack.disconnect();
    await withDeadline(CLOSE_DEADLINE_MS, () => this.#closed.promise);
  }

  async #open(): Promise<void> {
    // A cast because the library's declarations lack most of what it does; see SipStack.
    const stack = new Srf() as unknown as ConnectableStack;
    const closed = new Settlement<undefined>();
    const opened = new Promise<void>((resolve, reject) => {
      stack.on('connect', (error) => (isError(error) ? reject(secretRefused(error)) : resolve()));
      stack.on('error', (error) => reject(unreachable(error)));
      stack.on('close', () => {
        reject(unreachable('the connection was closed'));
        closed.settle(undefined);
        if (this.#stack === stack) this.#lose();
      });
    });
    const { address, serve } = this.#options;
    const isConnectedTo = 'attach' in address;
    if (!isConnectedTo) serve(stack);
    connectTo(stack, address);
    try {
      await withDeadline(CONNECT_DEADLINE_MS, () => opened);
      // drachtio-srf tells a server that connects to it only of methods that it is asked for from then on.
      if (isConnectedTo) serve(stack);
    } catch (cause) {
      disconnectQuietly(stack);
      throw cause;
    }
    if (this.#closing.signal.aborted) return stack.disconnect();
    this.#stack = stack;
    this.#closed = closed;
  }

  #lose(): void {
    this.#stack = undefined;
    this.#options.onLost();
    if (this.#closing.signal.aborted) return;
    this.#options.logger?.warn('connection to the SIP server lost');
    this.#reconnect().catch(this.#options.onFault);
  }

  async #reconnect(): Promise<void> {
    for (let waitMs = FIRST_BACKOFF_MS; ; waitMs = Math.min(waitMs * 2, MAX_BACKOFF_MS)) {
      if ((await delay(waitMs, this.#closing.signal)) === 'aborted') return;
      try {
        await this.#open();
        this.#reconnects += 1;
        this.#options.logger?.info('connection to the SIP server restored');
        this.#options.onRestored?.();
        return;
      } catch (cause) {
        this.#options.logger?.warn({ error: describeError(cause), nextAttemptMs: waitMs * 2 }, 'SIP server still out of reach');
      }
    }
  }
}

function connectTo(stack: ConnectableStack, address: DrachtioAddress): void {
  const { secret } = address;
  if ('attach' in address) {
    const server = new Server();
    // drachtio-srf expects one connection for each call here, and would end this one, which carries them all.
    stack.app.endSession = () => undefined;
    stack.listen({ server, secret });
    address.attach(server);
  } else {
    stack.connect({ host: address.host, port: address.port, secret, reconnect: { maxAttempts: 1 } });
  }
}

/** Anything but null and undefined: the library passes strings as errors too. */
const isError = (error: unknown): boolean => error !== null && error !== undefined;

function disconnectQuietly(stack: SipStack): void {
  try {
    stack.disconnect();
  } catch (cause) {
    // The library asserts that there is a socket; without one there is nothing to disconnect.
    if (!(cause instanceof Error)) throw cause;
  }
}

const unreachable = (cause: unknown): AppError => new AppError({
  code: 'sip.server-unreachable', category: 'config', message: `the SIP server cannot be reached: ${describeError(cause)}`, retryable: true, cause,
});

const secretRefused = (cause: unknown): AppError => new AppError({
  code: 'sip.secret-refused', category: 'config', message: 'the SIP server does not accept the secret', cause,
});
