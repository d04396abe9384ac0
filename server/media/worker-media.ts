import { Worker } from 'node:worker_threads';
import { AppError } from '../base/app-error.ts';
import { delay, withDeadline } from '../base/deadline.ts';
import type { Media, MediaLeg, Negotiation } from '../call/ports.ts';
import type { CallId, LegId } from '../model/ids.ts';
import { toAppError, toFaultFacts } from './engine/fault.ts';
import type { EngineFigures } from './engine/engine-figures.ts';
import { PROTOCOL_VERSION } from './engine/protocol.ts';
import type { EngineEvent, EngineOrder, EngineReplies, EngineRequest, EngineSetUp, FromEngine, ToEngine } from './engine/protocol.ts';
import { WorkerLeg } from './worker-leg.ts';

/** How the media plane is set up. */
export interface WorkerMediaOptions {
  /** Address to bind, and to announce in SDP unless `announcedHost` says otherwise. */
  readonly host: string;
  /** External address in SDP when it differs (a NAT with fixed ports). */
  readonly announcedHost?: string;
  /** UDP range for plain RTP; each leg takes two ports. */
  readonly rtpPorts: { readonly min: number; readonly max: number };
  /** `…/ivr-flows/prompts`, with `{fr,ar,en}/{id}.wav` in it. */
  readonly promptsDirectory: string;
  /** Music on hold; a quiet arpeggio when absent. */
  readonly musicFile?: string;
  /** A bridged leg without packets for so long has failed; default 60,000 ms. */
  readonly mediaTimeoutMs?: number;
  /** Makes the engine's thread; only for those who must be able to end it from outside. */
  readonly spawnEngine?: () => Worker;
  /** Hears of faults that end no call: a prompt that cannot be read, a worker that was replaced. */
  readonly onFault?: (fault: { readonly code: string; readonly message: string }) => void;
}

/** A recording that runs. */
export interface Recording {
  /**
   * Ends it; the file is whole when this resolves. Idempotent.
   * @throws AppError `media.recording-failed` when audio could not be written.
   */
  stop(): Promise<void>;
}

const DEFAULT_MEDIA_TIMEOUT_MS = 60_000;
const CACHE_BYTES = 128 * 1_024 * 1_024;
/** Between two attempts when the worker dies at once, again and again. */
const MAX_RESTART_DELAY_MS = 5_000;
/** A worker that lived so long did not fail at its start. */
const SETTLED_MS = 10_000;

/** Closing all ports takes milliseconds. */
const SHUT_DOWN_MS = 2_000;

interface Pending {
  readonly resolve: (reply: EngineReplies[keyof EngineReplies]) => void;
  readonly reject: (cause: unknown) => void;
}

/** Starts the engine's thread: a script that loads TypeScript first, as worker threads do not. */
export const spawnEngine = (): Worker => new Worker(new URL('./engine/bootstrap.mjs', import.meta.url), { name: 'allo-media' });

/**
 * The media plane as the signalling thread sees it: commands to and events from an engine in a
 * worker thread. No audio passes through here.
 * @remarks A worker that dies fails all its legs, and another one starts.
 */
export class WorkerMedia implements Media {
  readonly #setUp: EngineSetUp;
  readonly #onFault: (fault: { readonly code: string; readonly message: string }) => void;
  readonly #spawnEngine: () => Worker;
  readonly #legs = new Map<LegId, WorkerLeg>();
  readonly #pending = new Map<number, Pending>();
  readonly #closed = new AbortController();
  #worker: Worker | undefined;
  #workerSince = 0;
  #restarts = 0;
  #failedStarts = 0;
  #nextId = 1;
  #closing: Promise<void> | undefined;

  private constructor(options: WorkerMediaOptions) {
    this.#onFault = options.onFault ?? (() => undefined);
    this.#spawnEngine = options.spawnEngine ?? spawnEngine;
    this.#setUp = {
      host: options.host,
      announcedHost: options.announcedHost ?? options.host,
      rtpPorts: options.rtpPorts,
      promptsDirectory: options.promptsDirectory,
      mediaTimeoutMs: options.mediaTimeoutMs ?? DEFAULT_MEDIA_TIMEOUT_MS,
      cacheBytes: CACHE_BYTES,
      ...(options.musicFile === undefined ? {} : { musicFile: options.musicFile }),
    };
  }

  /**
   * Starts the worker and waits until it can take calls.
   * @throws AppError when it cannot start.
   */
  static async start(options: WorkerMediaOptions): Promise<WorkerMedia> {
    const media = new WorkerMedia(options);
    try {
      await media.#startWorker();
    } catch (cause) {
      await media.close();
      throw cause;
    }
    return media;
  }

  async answerLeg(request: { readonly callId: CallId; readonly legId: LegId; readonly offer: string }):
  Promise<Negotiation<{ readonly leg: MediaLeg; readonly sdp: string }>> {
    const { callId, legId, offer } = request;
    const leg = this.#makeLeg(legId);
    const reply = await this.#openLeg(leg, this.#request({ type: 'answer-leg', callId, legId, offer }));
    if (reply.kind === 'agreed') return { kind: 'agreed', leg, sdp: reply.sdp };
    this.#legs.delete(legId);
    return reply;
  }

  async offerLeg(request: { readonly callId: CallId; readonly legId: LegId; readonly kind: 'rtp' | 'webrtc' }):
  Promise<{ readonly leg: MediaLeg; readonly sdp: string }> {
    const leg = this.#makeLeg(request.legId);
    const { sdp } = await this.#openLeg(leg, this.#request({ type: 'offer-leg', ...request }));
    return { leg, sdp };
  }

  setHears(listener: MediaLeg, speaker: MediaLeg, gain: number): void {
    this.#order({ type: 'set-hears', listener: listener.legId, speaker: speaker.legId, gain });
  }

  /**
   * Records what a leg receives (mono, 16 bits, 8 kHz), for tests and the command-line caller.
   * @throws AppError when the file cannot be made or the leg is gone.
   */
  async record(leg: MediaLeg, path: string): Promise<Recording> {
    const recordingId = this.#takeId();
    await this.#request({ type: 'start-recording', legId: leg.legId, recordingId, path });
    let stopping: Promise<void> | undefined;
    return {
      stop: () => {
        stopping ??= this.#request({ type: 'stop-recording', recordingId }).then(() => undefined);
        return stopping;
      },
    };
  }

  /** How the engine and its legs do now. @throws AppError when the worker is gone. */
  async stats(): Promise<EngineFigures & { readonly restarts: number }> {
    return { ...await this.#request({ type: 'figures' }), restarts: this.#restarts };
  }

  /** Closes all legs and ends the worker. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#closed.abort();
    const worker = this.#worker;
    if (worker === undefined) return;
    // A worker that cannot shut down in order is ended all the same.
    await withDeadline(SHUT_DOWN_MS, () => this.#request({ type: 'shut-down' })).catch((cause: unknown) => this.#onFault(toFaultFacts(cause)));
    await worker.terminate();
  }

  // ---- legs

  #makeLeg(legId: LegId): WorkerLeg {
    if (this.#legs.has(legId)) throw new AppError({ code: 'media.leg-exists', category: 'bug', message: `the leg ${legId} exists already` });
    const leg = new WorkerLeg(legId, {
      order: (order) => this.#order(order),
      request: (request) => this.#request(request),
      takeId: () => this.#takeId(),
      onClosed: () => { this.#legs.delete(legId); },
    });
    this.#legs.set(legId, leg);
    return leg;
  }

  async #openLeg<T>(leg: WorkerLeg, opening: Promise<T>): Promise<T> {
    try {
      return await opening;
    } catch (cause) {
      this.#legs.delete(leg.legId);
      throw cause;
    }
  }

  // ---- the worker

  async #startWorker(): Promise<void> {
    const worker = this.#spawnEngine();
    this.#worker = worker;
    this.#workerSince = performance.now();
    let cause: unknown;
    worker.on('message', (message: FromEngine) => this.#receive(message));
    worker.on('error', (error) => { cause = error; });
    worker.once('exit', (exitCode) => this.#onExit(worker, cause ?? exitCode));
    await this.#request({ type: 'set-up', setUp: this.#setUp });
  }

  #onExit(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const isExpected = this.#closed.signal.aborted;
    const fault = new AppError({ code: 'media.worker-died', category: 'bug', retryable: true, message: `the media worker ended: ${String(cause)}`, cause });
    for (const { reject } of this.#pending.values()) reject(fault);
    this.#pending.clear();
    for (const leg of [...this.#legs.values()]) leg.workerEnded(isExpected ? undefined : 'media-worker-died');
    this.#legs.clear();
    if (isExpected) return;
    this.#onFault({ code: fault.code, message: fault.message });
    void this.#restart();
  }

  async #restart(): Promise<void> {
    this.#failedStarts = performance.now() - this.#workerSince < SETTLED_MS ? this.#failedStarts + 1 : 0;
    const waitMs = this.#failedStarts <= 1 ? 0 : Math.min(MAX_RESTART_DELAY_MS, 100 * 2 ** this.#failedStarts);
    // The first time at once, so that a call that comes now only waits for the new worker.
    if (waitMs > 0 && await delay(waitMs, this.#closed.signal) === 'aborted') return;
    this.#restarts += 1;
    await this.#startWorker().catch((cause: unknown) => {
      // A worker that died at its start was reported by its exit, and the next one is on its way;
      // one that lives but could not be set up is of no use.
      if (this.#closed.signal.aborted || this.#worker === undefined) return;
      this.#onFault(toFaultFacts(cause));
      void this.#worker.terminate();
    });
  }

  #takeId(): number {
    this.#nextId += 1;
    return this.#nextId;
  }

  #post(message: ToEngine): void {
    this.#worker?.postMessage(message);
  }

  #order(order: EngineOrder): void {
    this.#post({ version: PROTOCOL_VERSION, kind: 'order', order });
  }

  #request<R extends EngineRequest>(request: R): Promise<EngineReplies[R['type']]> {
    if (this.#worker === undefined) {
      return Promise.reject(new AppError({ code: 'media.no-worker', category: 'bug', retryable: true, message: 'the media worker is not running' }));
    }
    const id = this.#takeId();
    return new Promise((resolve, reject) => {
      // A cast because replies are told apart by their id, which the type system cannot follow.
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject });
      this.#post({ version: PROTOCOL_VERSION, kind: 'request', id, request });
    });
  }

  #receive(message: FromEngine): void {
    if (message.kind === 'event') {
      this.#onEvent(message.event);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === 'reply') pending?.resolve(message.reply);
    else pending?.reject(toAppError(message.fault));
  }

  #onEvent(event: EngineEvent): void {
    if (event.type === 'fault') this.#onFault(event.fault);
    else this.#legs.get(event.legId)?.receive(event);
  }
}
