import { AppError } from '../base/app-error.ts';
import type { RecordingId } from '../model/ids.ts';
import type { RecordingEnd } from '../model/recording.ts';
import type { EngineThread } from './engine-thread.ts';
import type { RecordingOrder } from './engine/protocol.ts';

/** A recording in an engine, as the signalling side holds it. */
export interface RunningRecording {
  /** Resolves once, however it ends. */
  readonly ended: Promise<RecordingEnd>;
  /** @returns the position in milliseconds. @throws AppError when it has ended, or the engine is gone. */
  setPaused(isPaused: boolean): Promise<number>;
  /** Asks the engine to end it: {@link ended} says how that went. @throws AppError when the engine is gone. */
  stop(): Promise<void>;
}

/** How every recording ends of which the engine died; what is on the disk is known to nobody yet. */
const INTERRUPTED: RecordingEnd = { how: 'interrupted', durationMs: 0, bytes: 0, lostMs: 0, reason: 'media-worker-died' };

/** The recordings of one engine on the signalling side: turns calls into commands, and events into promises. */
export class WorkerRecordings {
  readonly #engine: Pick<EngineThread, 'request'>;
  readonly #running = new Map<RecordingId, (end: RecordingEnd) => void>();

  constructor(engine: Pick<EngineThread, 'request'>) {
    this.#engine = engine;
  }

  /** @throws AppError when the file cannot be made, or the leg or the engine is gone. */
  async start(order: RecordingOrder): Promise<RunningRecording> {
    const { recordingId } = order;
    if (this.#running.has(recordingId)) throw new AppError({ code: 'media.recording-exists', category: 'bug', message: `the recording ${recordingId} runs already` });
    const ended = new Promise<RecordingEnd>((resolve) => { this.#running.set(recordingId, resolve); });
    try {
      await this.#engine.request({ type: 'start-recording', order });
    } catch (cause) {
      this.#running.delete(recordingId);
      throw cause;
    }
    return {
      ended,
      setPaused: async (isPaused) => (await this.#engine.request({ type: 'pause-recording', recordingId, isPaused })).positionMs,
      stop: async () => { await this.#engine.request({ type: 'stop-recording', recordingId }); },
    };
  }

  /** The engine says that one ended. */
  receive(recordingId: RecordingId, end: RecordingEnd): void {
    const resolve = this.#running.get(recordingId);
    this.#running.delete(recordingId);
    resolve?.(end);
  }

  /** The engine is gone. */
  lose(): void {
    for (const recordingId of [...this.#running.keys()]) this.receive(recordingId, INTERRUPTED);
  }
}
