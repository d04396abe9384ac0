import { newId } from '../../base/new-id.ts';
import { AppError } from '../../base/app-error.ts';
import { asId, type QueueId, type RecordingId, type UserId } from '../../model/ids.ts';
import type { RecordingCause, RecordingEnd, RecordingKind, RecordingLimits } from '../../model/recording.ts';
import type { RecordingBeep } from '../../model/recording-policy.ts';
import type { CallServices } from '../call-services.ts';
import type { LiveCall } from '../live-call.ts';
import type { ActiveRecording, MediaLeg } from '../ports.ts';

/** What is recorded, and why. */
export interface RecordingPlan {
  readonly leg: MediaLeg;
  readonly kind: RecordingKind;
  readonly cause: RecordingCause;
  readonly queueId?: QueueId;
  readonly retainDays: number;
  readonly beep?: RecordingBeep;
  readonly limits: RecordingLimits;
}

/** A recording whose course is in the ledger. */
export class NotedRecording {
  readonly recordingId: RecordingId;
  /** Resolves when the end is in the ledger, too. Never rejects. */
  readonly ended: Promise<RecordingEnd>;
  readonly #call: LiveCall;
  readonly #active: ActiveRecording;

  private constructor(call: LiveCall, active: ActiveRecording) {
    this.#call = call;
    this.#active = active;
    this.recordingId = active.recordingId;
    this.ended = active.ended.then(async (end) => {
      await call.note({ type: 'recording.stopped', recordingId: active.recordingId, ...end });
      return end;
    });
  }

  /**
   * Begins a recording: in the ledger first, so that no audio is anywhere that the ledger does not know of.
   * @returns nothing when the ledger cannot take it, or when it failed, which the ledger then says. Never rejects.
   */
  static async start(call: LiveCall, plan: RecordingPlan, services: Pick<CallServices, 'recorder' | 'onFault'>): Promise<NotedRecording | undefined> {
    const recordingId = asId<RecordingId>(newId());
    const { leg, kind, cause, queueId, retainDays, beep, limits } = plan;
    const noted = await call.note({ type: 'recording.started', recordingId, kind, cause, retainDays, ...(queueId === undefined ? {} : { queueId }) });
    if (noted !== 'durable') return undefined;
    try {
      const active = await services.recorder.start({ recordingId, tenantId: call.tenantId, leg, kind, limits, ...(beep === undefined ? {} : { beep }) });
      return new NotedRecording(call, active);
    } catch (fault) {
      services.onFault(fault, 'starting a recording');
      await call.note({ type: 'recording.stopped', recordingId, ...failedAtOnce(fault) });
      return undefined;
    }
  }

  /** Silence from now on, or voice again. @returns false when it has ended. Never rejects. */
  async setPaused(isPaused: boolean, by: UserId | undefined): Promise<boolean> {
    let positionMs: number;
    try {
      positionMs = await this.#active.setPaused(isPaused);
    } catch {
      // It ended a moment ago, by itself; `ended` tells how.
      return false;
    }
    const { recordingId } = this;
    await this.#call.note({ type: isPaused ? 'recording.paused' : 'recording.resumed', recordingId, positionMs, ...(by === undefined ? {} : { by }) });
    return true;
  }

  /** Ends it. @returns how, once that is in the ledger. Never rejects. */
  async stop(): Promise<RecordingEnd> {
    await this.#active.stop();
    return this.ended;
  }
}

const failedAtOnce = (cause: unknown): RecordingEnd => ({
  how: 'failed', durationMs: 0, bytes: 0, lostMs: 0, reason: cause instanceof AppError ? cause.code : 'unexpected',
});
