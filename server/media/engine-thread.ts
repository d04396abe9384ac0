import { Worker } from 'node:worker_threads';
import { AppError } from '../base/app-error.ts';
import { delay, withDeadline } from '../base/deadline.ts';
import type { Milliseconds } from '../base/time.ts';
import { toAppError, toFaultFacts } from './engine/fault.ts';
import { PROTOCOL_VERSION } from './engine/protocol.ts';
import type { EngineEvent, EngineOrder, EngineReplies, EngineRequest, EngineSetUp, FromEngine, ToEngine } from './engine/protocol.ts';

/** Between two attempts when the worker dies at once, again and again. */
const MAX_RESTART_DELAY_MS: Milliseconds = 5_000;
/** A worker that lived so long did not fail at its start. */
const SETTLED_MS: Milliseconds = 10_000;
/** Closing all ports takes milliseconds. */
const SHUT_DOWN_MS: Milliseconds = 2_000;

/** A fault that ends no call, as the log and the monitor see it. */
export interface MediaFault {
  readonly code: string;
  readonly message: string;
}

/** What an engine's thread is made with. */
export interface EngineThreadOptions {
  readonly setUp: EngineSetUp;
  readonly spawnEngine: () => Worker;
  readonly onEvent: (event: Exclude<EngineEvent, { type: 'fault' }>) => void;
  readonly onFault: (fault: MediaFault) => void;
  /** The engine and all its legs are gone. @param isExpected - whether it was closed on purpose. */
  readonly onGone: (isExpected: boolean) => void;
}

interface Pending {
  readonly resolve: (reply: EngineReplies[keyof EngineReplies]) => void;
  readonly reject: (cause: unknown) => void;
}

/** Starts an engine's worker: a script that loads TypeScript first, as worker threads do not. */
export const spawnEngine = (): Worker => new Worker(new URL('./engine/bootstrap.mjs', import.meta.url), { name: 'allo-media' });

/**
 * One media engine in a worker thread, started anew when it dies; speaks protocol.ts with it.
 * @remarks An engine on another machine will speak the same over a socket.
 */
export class EngineThread {
  readonly #options: EngineThreadOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #closed = new AbortController();
  #worker: Worker | undefined;
  #startedAtMs = 0;
  #restarts = 0;
  #failedStarts = 0;
  #lastId = 0;
  #closing: Promise<void> | undefined;

  constructor(options: EngineThreadOptions) {
    this.#options = options;
  }

  /** Times that a dead worker was replaced. */
  get restarts(): number { return this.#restarts; }

  /** Resolves when the engine can take calls. @throws AppError when it cannot be set up. */
  async start(): Promise<void> {
    const worker = this.#options.spawnEngine();
    this.#worker = worker;
    this.#startedAtMs = performance.now();
    let cause: unknown;
    worker.on('message', (message: FromEngine) => this.#receive(message));
    worker.on('error', (error) => { cause = error; });
    worker.once('exit', (exitCode) => this.#onExit(worker, cause ?? exitCode));
    await this.request({ type: 'set-up', setUp: this.#options.setUp });
  }

  /** A number that was not used before, for playbacks and recordings. */
  takeId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Sends a command that is not answered; lost when the engine is gone, as its legs are. */
  order(order: EngineOrder): void {
    this.#post({ version: PROTOCOL_VERSION, kind: 'order', order });
  }

  /** @throws AppError what the engine refuses with, or `media.worker-died`, `media.no-worker` (both retryable). */
  request<R extends EngineRequest>(request: R): Promise<EngineReplies[R['type']]> {
    if (this.#worker === undefined) {
      return Promise.reject(new AppError({ code: 'media.no-worker', category: 'bug', retryable: true, message: 'the media worker is not running' }));
    }
    const id = this.takeId();
    return new Promise((resolve, reject) => {
      // A cast because replies are told apart by their id, which the type system cannot follow.
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject });
      this.#post({ version: PROTOCOL_VERSION, kind: 'request', id, request });
    });
  }

  /** Closes all legs and ends the thread. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#closed.abort();
    const worker = this.#worker;
    if (worker === undefined) return;
    // A worker that cannot shut down in order is ended all the same.
    await withDeadline(SHUT_DOWN_MS, () => this.request({ type: 'shut-down' })).catch((cause: unknown) => this.#options.onFault(toFaultFacts(cause)));
    await worker.terminate();
  }

  #post(message: ToEngine): void {
    this.#worker?.postMessage(message);
  }

  #receive(message: FromEngine): void {
    if (message.kind === 'event') {
      if (message.event.type === 'fault') this.#options.onFault(message.event.fault);
      else this.#options.onEvent(message.event);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === 'reply') pending?.resolve(message.reply);
    else pending?.reject(toAppError(message.fault));
  }

  #onExit(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const isExpected = this.#closed.signal.aborted;
    const fault = new AppError({ code: 'media.worker-died', category: 'bug', retryable: true, message: `the media worker ended: ${String(cause)}`, cause });
    for (const { reject } of this.#pending.values()) reject(fault);
    this.#pending.clear();
    this.#options.onGone(isExpected);
    if (isExpected) return;
    this.#options.onFault({ code: fault.code, message: fault.message });
    void this.#restart();
  }

  async #restart(): Promise<void> {
    this.#failedStarts = performance.now() - this.#startedAtMs < SETTLED_MS ? this.#failedStarts + 1 : 0;
    const waitMs = this.#failedStarts <= 1 ? 0 : Math.min(MAX_RESTART_DELAY_MS, 100 * 2 ** this.#failedStarts);
    // The first time at once, so that a call that comes now only waits for the new worker.
    if (waitMs > 0 && await delay(waitMs, this.#closed.signal) === 'aborted') return;
    this.#restarts += 1;
    await this.start().catch((cause: unknown) => {
      // A worker that died at its start was reported by its exit, and the next one is on its way;
      // one that lives but could not be set up is of no use.
      if (this.#closed.signal.aborted || this.#worker === undefined) return;
      this.#options.onFault(toFaultFacts(cause));
      void this.#worker.terminate();
    });
  }
}
