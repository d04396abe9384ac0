import type { Clock } from '../../base/time.ts';
import type { ActiveRecording, Recorder, RecordingRequest } from '../../call/ports.ts';
import type { RecordingEnd, RecordingPause } from '../../model/recording.ts';
import type { WorkerMedia } from '../worker-media.ts';
import type { RunningRecording } from '../worker-recordings.ts';
import type { KeyRing } from './key-ring.ts';
import type { DiskRecordingFiles } from './recording-files.ts';
import { deriveFileKey, makeHeader } from './recording-header.ts';

/** What recordings are made with. */
export interface TenantRecorderOptions {
  readonly media: Pick<WorkerMedia, 'startRecording'>;
  readonly keys: Pick<KeyRing, 'current'>;
  readonly files: Pick<DiskRecordingFiles, 'pathOf' | 'closeInterrupted'>;
  readonly clock: Clock;
  readonly onFault: (cause: unknown, what: string) => void;
}

/** Makes recordings: derives the key of each file from the tenant's, and closes what a dying engine leaves open. */
export class TenantRecorder implements Recorder {
  readonly #options: TenantRecorderOptions;

  constructor(options: TenantRecorderOptions) {
    this.#options = options;
  }

  async start({ recordingId, tenantId, leg, kind, beep, limits }: RecordingRequest): Promise<ActiveRecording> {
    const { media, keys, files, clock } = this.#options;
    const { keyId, key } = await keys.current(tenantId);
    const header = makeHeader({ recordingId, tenantId, keyId, channels: kind === 'conversation' ? 2 : 1, startedAt: clock() });
    const running = await media.startRecording({
      recordingId, legId: leg.legId, kind, limits,
      file: { path: files.pathOf(tenantId, recordingId), header, key: deriveFileKey(key, header) },
      ...(beep === undefined ? {} : { beep }),
    });
    return this.#hold({ recordingId, tenantId }, running);
  }

  #hold(recording: Pick<RecordingRequest, 'recordingId' | 'tenantId'>, running: RunningRecording): ActiveRecording {
    const pauses: RecordingPause[] = [];
    const ended = running.ended.then((end) => this.#settle(recording, end, pauses));
    return {
      recordingId: recording.recordingId,
      ended,
      setPaused: async (isPaused) => {
        const positionMs = await running.setPaused(isPaused);
        keepPause(pauses, isPaused, positionMs);
        return positionMs;
      },
      stop: async () => {
        // An engine that is gone has ended it already, and `ended` says so.
        await running.stop().catch((cause: unknown) => this.#options.onFault(cause, 'stopping a recording'));
        return ended;
      },
    };
  }

  /** An engine that could not finish the file knows nothing of it: it is closed here, with what can be played. */
  async #settle({ tenantId, recordingId }: Pick<RecordingRequest, 'recordingId' | 'tenantId'>, end: RecordingEnd, pauses: readonly RecordingPause[]): Promise<RecordingEnd> {
    const { how } = end;
    if (how !== 'interrupted' && how !== 'failed') return end;
    try {
      const closed = await this.#options.files.closeInterrupted(tenantId, recordingId, { how, pauses });
      return { ...closed, lostMs: Math.max(end.lostMs, closed.lostMs), ...(end.reason === undefined ? {} : { reason: end.reason }) };
    } catch (cause) {
      this.#options.onFault(cause, 'closing a recording that was interrupted');
      return end;
    }
  }
}

/** Opens a pause, or ends the one that is open. */
function keepPause(pauses: RecordingPause[], isPaused: boolean, positionMs: number): void {
  const last = pauses.at(-1);
  const isOpen = last !== undefined && last.toMs === undefined;
  if (isPaused && !isOpen) pauses.push({ fromMs: positionMs });
  if (!isPaused && isOpen) pauses[pauses.length - 1] = { ...last, toMs: positionMs };
}
