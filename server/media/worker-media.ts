import type { Worker } from 'node:worker_threads';
import { AppError } from '../base/app-error.ts';
import type { Milliseconds } from '../base/time.ts';
import type { Media, MediaLeg, Negotiation } from '../call/ports.ts';
import type { CallId, LegId } from '../model/ids.ts';
import type { MediaTerms } from '../model/media-terms.ts';
import { EngineThread, spawnEngine } from './engine-thread.ts';
import type { MediaFault } from './engine-thread.ts';
import type { EngineFigures } from './engine/engine-figures.ts';
import type { RecordingOrder } from './engine/protocol.ts';
import { WorkerLeg } from './worker-leg.ts';
import { WorkerRecordings, type RunningRecording } from './worker-recordings.ts';

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
  readonly mediaTimeoutMs?: Milliseconds;
  /** A plain leg that nobody hears, in a menu or a queue, and that sends nothing at all for so long is gone; default 60,000 ms. */
  readonly idleTimeoutMs?: Milliseconds;
  /** Makes the engine's thread; only for those who must be able to end it from outside. */
  readonly spawnEngine?: () => Worker;
  /** Hears of faults that end no call: a prompt that cannot be read, a worker that was replaced. */
  readonly onFault?: (fault: MediaFault) => void;
}

/** A plain recording of one leg that runs. */
export interface Recording {
  /**
   * Ends it; the file is whole when this resolves. Idempotent.
   * @throws AppError `media.recording-failed` when audio could not be written.
   */
  stop(): Promise<void>;
}

const DEFAULT_MEDIA_TIMEOUT_MS: Milliseconds = 60_000;
const CACHE_BYTES = 128 * 1_024 * 1_024;

/**
 * The media plane as the signalling thread sees it: commands to and events from an engine in a
 * worker thread. No audio passes through here.
 * @remarks A worker that dies fails all its legs, and another one starts.
 */
export class WorkerMedia implements Media {
  readonly #engine: EngineThread;
  readonly #legs = new Map<LegId, WorkerLeg>();
  readonly #recordings: WorkerRecordings;

  private constructor(options: WorkerMediaOptions) {
    this.#engine = new EngineThread({
      setUp: {
        host: options.host,
        announcedHost: options.announcedHost ?? options.host,
        rtpPorts: options.rtpPorts,
        promptsDirectory: options.promptsDirectory,
        mediaTimeoutMs: options.mediaTimeoutMs ?? DEFAULT_MEDIA_TIMEOUT_MS,
        idleTimeoutMs: options.idleTimeoutMs ?? DEFAULT_MEDIA_TIMEOUT_MS,
        cacheBytes: CACHE_BYTES,
        ...(options.musicFile === undefined ? {} : { musicFile: options.musicFile }),
      },
      spawnEngine: options.spawnEngine ?? spawnEngine,
      onEvent: (event) => {
        if (event.type === 'recording-ended') this.#recordings.receive(event.recordingId, event.end);
        else this.#legs.get(event.legId)?.receive(event);
      },
      onFault: options.onFault ?? (() => undefined),
      onGone: (isExpected) => this.#loseLegs(isExpected),
    });
    this.#recordings = new WorkerRecordings(this.#engine);
  }

  /**
   * Starts the worker and waits until it can take calls.
   * @throws AppError when it cannot start.
   */
  static async start(options: WorkerMediaOptions): Promise<WorkerMedia> {
    const media = new WorkerMedia(options);
    try {
      await media.#engine.start();
    } catch (cause) {
      await media.close();
      throw cause;
    }
    return media;
  }

  async answerLeg(request: { readonly callId: CallId; readonly legId: LegId; readonly offer: string; readonly terms?: MediaTerms }):
  Promise<Negotiation<{ readonly leg: MediaLeg; readonly sdp: string }>> {
    const leg = this.#makeLeg(request.legId);
    const reply = await this.#keepUnlessFailed(leg, this.#engine.request({ type: 'answer-leg', ...request }));
    if (reply.kind === 'agreed') return { kind: 'agreed', leg, sdp: reply.sdp };
    this.#legs.delete(request.legId);
    return reply;
  }

  async offerLeg(request: { readonly callId: CallId; readonly legId: LegId; readonly kind: 'rtp' | 'webrtc'; readonly terms?: MediaTerms }):
  Promise<{ readonly leg: MediaLeg; readonly sdp: string }> {
    const leg = this.#makeLeg(request.legId);
    const { sdp } = await this.#keepUnlessFailed(leg, this.#engine.request({ type: 'offer-leg', ...request }));
    return { leg, sdp };
  }

  setHears(listener: MediaLeg, speaker: MediaLeg, gain: number): void {
    this.#engine.order({ type: 'set-hears', listener: listener.legId, speaker: speaker.legId, gain });
  }

  /**
   * Begins a recording; `server/media/recorder` says with which file and key.
   * @throws AppError when the file cannot be made, or the leg is gone.
   */
  startRecording(order: RecordingOrder): Promise<RunningRecording> {
    return this.#recordings.start(order);
  }

  /**
   * Keeps what a leg receives in a plain file (mono, 16 bits, 8 kHz), for tests and the command-line caller.
   * @throws AppError when the file cannot be made or the leg is gone.
   */
  async record(leg: MediaLeg, path: string): Promise<Recording> {
    const captureId = this.#engine.takeId();
    await this.#engine.request({ type: 'start-capture', legId: leg.legId, captureId, path });
    let stopping: Promise<void> | undefined;
    return {
      stop: () => {
        stopping ??= this.#engine.request({ type: 'stop-capture', captureId }).then(() => undefined);
        return stopping;
      },
    };
  }

  /** How the engine and its legs do now. @throws AppError when the worker is gone. */
  async stats(): Promise<EngineFigures & { readonly restarts: number }> {
    return { ...await this.#engine.request({ type: 'figures' }), restarts: this.#engine.restarts };
  }

  /** Closes all legs and ends the worker. Idempotent. */
  close(): Promise<void> {
    return this.#engine.close();
  }

  #makeLeg(legId: LegId): WorkerLeg {
    if (this.#legs.has(legId)) throw new AppError({ code: 'media.leg-exists', category: 'bug', message: `the leg ${legId} exists already` });
    const leg = new WorkerLeg(legId, {
      order: (order) => this.#engine.order(order),
      request: (request) => this.#engine.request(request),
      takeId: () => this.#engine.takeId(),
      onClosed: () => { this.#legs.delete(legId); },
    });
    this.#legs.set(legId, leg);
    return leg;
  }

  async #keepUnlessFailed<T>(leg: WorkerLeg, opening: Promise<T>): Promise<T> {
    try {
      return await opening;
    } catch (cause) {
      this.#legs.delete(leg.legId);
      throw cause;
    }
  }

  #loseLegs(isExpected: boolean): void {
    for (const leg of [...this.#legs.values()]) leg.workerEnded(isExpected ? undefined : 'media-worker-died');
    this.#legs.clear();
    this.#recordings.lose();
  }
}
