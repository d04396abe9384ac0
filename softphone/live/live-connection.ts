import { AppError } from '../../server/base/app-error.ts';
import type { Milliseconds } from '../../server/base/time.ts';
import { parseServerFrame, type ClientFrame, type ServerFrame, type Topic } from '../../server/wire/frames.ts';
import type { LiveItem } from '../../server/wire/live-item.ts';
import { TopicMirror } from '../../server/wire/topic-mirror.ts';
import { retryDelayMs } from './retry-delay.ts';

/** A WebSocket, as far as the live connection needs one; tests bring their own. */
export interface LiveSocket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

/** How the page stands with the server. */
export type LiveStatus = 'connecting' | 'live' | 'lost' | 'signed-out';

/** What a page shows; a new object at each change. Items that did not change keep their identity. */
export interface LiveView {
  readonly status: LiveStatus;
  readonly items: ReadonlyMap<string, LiveItem>;
  /** Add to this machine's clock to have the server's. */
  readonly clockOffsetMs: Milliseconds;
}

/** A frame that the server answers, without the number that ties the answer to it. */
export type LiveRequest = ClientFrame extends infer F
  ? F extends { readonly ref: number; readonly type: Exclude<ClientFrame['type'], 'ping'> } ? Omit<F, 'ref'> : never
  : never;

/** What a {@link LiveConnection} needs. */
export interface LiveConnectionOptions {
  readonly topic: Topic;
  readonly openSocket: () => LiveSocket;
  readonly clock: () => number;
  readonly random: () => number;
}

/** A silent socket is asked this often whether it lives, and given this long to answer. */
const PING_EVERY_MS = 4_000;
const PONG_WITHIN_MS = 4_000;
const ANSWER_WITHIN_MS = 10_000;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (cause: AppError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * The page's line to the server: one topic mirrored exactly, requests answered, and the
 * connection made again whenever it breaks or falls silent.
 */
export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Map<number, Waiting>();
  #mirror = new TopicMirror();
  #socket: LiveSocket | undefined;
  #nextRef = 1;
  #attempt = 0;
  #pingSentAt: number | undefined;
  #pingTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = true;
  #view: LiveView = { status: 'connecting', items: new Map(), clockOffsetMs: 0 };

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
  }

  /** For `useSyncExternalStore`. */
  readonly getView = (): LiveView => this.#view;

  /** For `useSyncExternalStore`. @returns a function that stops listening. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Connects, and stays connected until {@link stop}; idempotent. */
  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#open();
  }

  /** Closes for good; requests that wait are refused. Idempotent. */
  stop(): void {
    this.#isStopped = true;
    this.#drop();
  }

  /** Tells the server that the pop of an offer is on the screen; not sent when there is no line. */
  popShown(offerId: string): void {
    this.#send({ type: 'pop-shown', offerId });
  }

  /**
   * Asks something of the server.
   * @throws AppError with the server's own code when it refuses; `live.disconnected` without a
   *   line, `live.no-answer` after ten seconds.
   */
  request(request: LiveRequest): Promise<void> {
    const ref = this.#nextRef++;
    // TypeScript does not see that a variant without `ref`, plus `ref`, is that variant again.
    const frame = { ...request, ref } as ClientFrame;
    return new Promise((resolve, reject) => {
      if (this.#view.status !== 'live') {
        reject(lost());
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(ref);
        reject(new AppError({ code: 'live.no-answer', category: 'upstream', message: 'the server did not answer', retryable: true }));
      }, ANSWER_WITHIN_MS);
      this.#waiting.set(ref, { resolve, reject, timer });
      this.#send(frame);
    });
  }

  #open(): void {
    const socket = this.#options.openSocket();
    this.#socket = socket;
    socket.onopen = () => {
      this.#send({ type: 'follow', topic: this.#options.topic });
      this.#ping();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.#onText(data);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#onLost();
    };
  }

  #onText(text: string): void {
    const parsed = parseServerFrame(text);
    if (parsed.kind === 'invalid') console.error('live: a frame that is none', parsed.message);
    else this.#onFrame(parsed.frame);
  }

  #onFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'snapshot':
        this.#mirror.snapshot(frame.seq, frame.items);
        this.#attempt = 0;
        this.#show({ status: 'live', items: this.#mirror.items });
        return;
      case 'delta': {
        const outcome = this.#mirror.delta(frame.seq, frame.put, frame.drop);
        if (outcome === 'applied') this.#show({ items: this.#mirror.items });
        if (outcome === 'gap') this.#send({ type: 'resync', topic: this.#options.topic });
        return;
      }
      case 'done':
        this.#settle(frame.ref)?.resolve();
        return;
      case 'refused':
        if (frame.ref === undefined) console.error('live: refused', frame.code, frame.message);
        else this.#settle(frame.ref)?.reject(new AppError({ code: frame.code, category: 'agent', message: frame.message }));
        return;
      case 'pong':
        this.#onPong(frame.at);
        return;
      case 'signed-out':
        this.#isStopped = true;
        this.#drop();
        this.#show({ status: 'signed-out' });
        return;
    }
  }

  #settle(ref: number): Waiting | undefined {
    const waiting = this.#waiting.get(ref);
    this.#waiting.delete(ref);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  #ping(): void {
    this.#pingSentAt = this.#options.clock();
    this.#send({ type: 'ping', ref: this.#nextRef++ });
    // A socket that is half open says nothing when it dies: silence is how it is noticed.
    this.#pingTimer = setTimeout(() => this.#onLost(), PONG_WITHIN_MS);
  }

  /** The server wrote `at` half a round trip ago, give or take. */
  #onPong(at: number): void {
    clearTimeout(this.#pingTimer);
    const now = this.#options.clock();
    const offset = Math.round(at - (now + (this.#pingSentAt ?? now)) / 2);
    // Small differences are the network's; following them would make every clock on the page twitch.
    if (Math.abs(offset - this.#view.clockOffsetMs) > 250) this.#show({ clockOffsetMs: offset });
    this.#pingTimer = setTimeout(() => this.#ping(), PING_EVERY_MS);
  }

  #onLost(): void {
    this.#drop();
    if (this.#isStopped) return;
    this.#attempt += 1;
    this.#show({ status: 'lost' });
    this.#retryTimer = setTimeout(() => this.#open(), retryDelayMs(this.#attempt, this.#options.random()));
  }

  #drop(): void {
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#mirror = new TopicMirror();
    if (socket) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
    for (const ref of [...this.#waiting.keys()]) this.#settle(ref)?.reject(lost());
  }

  #send(frame: ClientFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #show(change: Partial<LiveView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function lost(): AppError {
  return new AppError({ code: 'live.disconnected', category: 'upstream', message: 'there is no connection to the server', retryable: true });
}
