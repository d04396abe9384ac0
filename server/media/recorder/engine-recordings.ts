import { AppError, describeError } from '../../base/app-error.ts';
import type { RecordingId } from '../../model/ids.ts';
import type { EngineEvent, RecordingOrder } from '../engine/protocol.ts';
import { toFaultFacts } from '../engine/fault.ts';
import { createFile, type ByteSink } from './byte-sink.ts';
import { LegRecording } from './leg-recording.ts';
import type { RecordedLeg } from './recorded-leg.ts';

/** What the recordings of an engine need of it. */
export interface EngineRecordingsOptions {
  readonly emit: (event: EngineEvent) => void;
  /** The leg of an order, when it lives. */
  readonly findLeg: (order: RecordingOrder) => RecordedLeg | undefined;
  /** Makes files; only tests make others. */
  readonly createFile?: (path: string) => Promise<ByteSink>;
}

/** The recordings that run in one engine. */
export class EngineRecordings {
  readonly #options: EngineRecordingsOptions;
  readonly #running = new Map<RecordingId, LegRecording>();

  constructor(options: EngineRecordingsOptions) {
    this.#options = options;
  }

  get count(): number { return this.#running.size; }

  /** @throws AppError `media.no-recording` when the file cannot be made, `media.no-leg` when the leg is gone. */
  async start(order: RecordingOrder): Promise<void> {
    const sink = await (this.#options.createFile ?? createFile)(order.file.path);
    const leg = this.#options.findLeg(order);
    if (leg === undefined) {
      await sink.close();
      throw new AppError({ code: 'media.no-leg', category: 'bug', message: `there is no leg ${order.legId}` });
    }
    const { recordingId } = order;
    this.#running.set(recordingId, new LegRecording({
      order, leg, sink,
      listener: {
        onEnded: (end) => {
          this.#running.delete(recordingId);
          this.#options.emit({ type: 'recording-ended', recordingId, end });
        },
        onTrouble: (code, cause) => this.#report(code, recordingId, cause),
      },
    }));
  }

  /** @throws AppError `media.recording-over` when it does not run. */
  setPaused(recordingId: RecordingId, isPaused: boolean): number {
    const recording = this.#running.get(recordingId);
    if (recording === undefined) throw new AppError({ code: 'media.recording-over', category: 'agent', message: 'the recording has ended' });
    return recording.setPaused(isPaused);
  }

  /** Ends one that runs. */
  async stop(recordingId: RecordingId): Promise<void> {
    await this.#running.get(recordingId)?.end('stopped');
  }

  /** Ends those of a leg that is closing; the disk may take its time. */
  endOf(leg: RecordedLeg): void {
    for (const recording of this.#running.values()) if (recording.leg === leg) void recording.end('leg-closed');
  }

  /** Ends all; resolves when every file is whole. */
  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((recording) => recording.end('leg-closed')));
  }

  /** One tick, between the frames that legs say and those that they are sent. */
  capture(tick: number): void {
    for (const recording of this.#running.values()) recording.capture(tick);
  }

  #report(code: string, recordingId: RecordingId, cause: unknown): void {
    const message = code === 'media.recording-slow'
      ? `the disk is too slow for the recording ${recordingId}: audio is lost`
      : `the recording ${recordingId} cannot go on: ${describeError(cause)}`;
    this.#options.emit({ type: 'fault', fault: toFaultFacts(new AppError({ code, category: 'config', message, cause })) });
  }
}
