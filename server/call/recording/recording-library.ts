import { AppError } from '../../base/app-error.ts';
import type { EpochMs } from '../../base/time.ts';
import type { User } from '../../model/centre.ts';
import type { RecordingId } from '../../model/ids.ts';
import type { ListeningAudit, Listener, Stretch } from './listening-audit.ts';
import type { RecordingAudio, RecordingFiles, RecordingStore, StoredRecording, Waveform } from './ports.ts';

/** What asking for a recording leads to. */
export type LibraryAnswer =
  | { readonly kind: 'open'; readonly recording: OpenRecording }
  /** There is none, or it is another tenant's: nobody learns which. */
  | { readonly kind: 'unknown' }
  /** It is of a call in which the agent did not talk. */
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'running' }
  | { readonly kind: 'deleted'; readonly deletedAt: EpochMs }
  /** It ended without audio; `reason` says why. */
  | { readonly kind: 'empty'; readonly reason: string };

/** A recording that somebody may listen to; whoever opens it closes it. */
export interface OpenRecording {
  /** Of the WAV file. */
  readonly sizeBytes: number;
  /** Changes when the audio does, which is never. */
  readonly version: string;
  readonly endedAt: EpochMs;
  /**
   * Bytes `from` up to, not including, byte `to` of the WAV file. That it is listened to is written down before the
   * first byte, and how far when it ends.
   */
  listen(from: number, to: number): AsyncIterable<Uint8Array>;
  /** To draw it; written down as listening, too. */
  waveform(points: number): Promise<Waveform>;
  close(): Promise<void>;
}

/** What a library is made of. */
export interface RecordingLibraryOptions {
  readonly store: Pick<RecordingStore, 'find'>;
  readonly files: Pick<RecordingFiles, 'open'>;
  readonly audit: ListeningAudit;
  readonly onFault: (cause: unknown, what: string) => void;
}

/** The recordings as people listen to them: by role and tenant, each access in the audit trail. */
export class RecordingLibrary {
  readonly #options: RecordingLibraryOptions;

  constructor(options: RecordingLibraryOptions) {
    this.#options = options;
  }

  /**
   * Opens a recording for somebody.
   * @throws AppError of the store, or of a file that is missing, damaged, cut off, or sealed with a key that is not there.
   */
  async open(listener: Listener, recordingId: RecordingId): Promise<LibraryAnswer> {
    const { store, files } = this.#options;
    const { tenantId } = listener.user;
    const stored = await store.find(tenantId, recordingId);
    if (stored === undefined) return { kind: 'unknown' };
    if (!mayListen(listener.user, stored)) return { kind: 'forbidden' };
    if (stored.deletedAt !== undefined) return { kind: 'deleted', deletedAt: stored.deletedAt };
    const { end, endedAt } = stored;
    if (end === undefined || endedAt === undefined) return { kind: 'running' };
    if (end.durationMs === 0) return { kind: 'empty', reason: end.reason ?? end.how };
    const audio = await files.open(tenantId, recordingId);
    try {
      refuseChanged(audio, end);
    } catch (cause) {
      await audio.close();
      throw cause;
    }
    return { kind: 'open', recording: this.#present(listener, { stored, audio, endedAt, version: end.checksum ?? `${recordingId}-${audio.sizeBytes}` }) };
  }

  #present(listener: Listener, { stored, audio, endedAt, version }: {
    readonly stored: StoredRecording; readonly audio: RecordingAudio; readonly endedAt: EpochMs; readonly version: string;
  }): OpenRecording {
    const { audit } = this.#options;
    return {
      sizeBytes: audio.sizeBytes, version, endedAt,
      listen: (from, to) => this.#listen(audio, { from, to }, () => audit.open(listener, stored)),
      waveform: async (points) => {
        await audit.open(listener, stored);
        return audio.waveform(points);
      },
      close: () => audio.close(),
    };
  }

  async *#listen(audio: RecordingAudio, { from, to }: { readonly from: number; readonly to: number }, open: () => Promise<(stretch: Stretch) => Promise<void>>): AsyncGenerator<Uint8Array, void, void> {
    const extend = await open();
    let at = from;
    try {
      for await (const piece of audio.read(from, to)) {
        at += piece.length;
        yield piece;
      }
    } catch (cause) {
      this.#options.onFault(cause, 'reading a recording');
      throw cause;
    } finally {
      // Whoever listens has heard it by now: that the trail cannot be brought up to date is ours to see, not hers.
      await extend([Math.round(audio.positionOf(from)), Math.round(audio.positionOf(at))])
        .catch((cause: unknown) => this.#options.onFault(cause, 'writing down who listened to a recording'));
    }
  }
}

/** Supervisors and administrators listen to all of their tenant, agents to the calls in which they talked. */
const mayListen = ({ role, userId }: User, { agentIds }: StoredRecording): boolean => role !== 'agent' || agentIds.includes(userId);

/** A file that was finished with a checksum has a footer and its length, or somebody cut it off. */
function refuseChanged(audio: RecordingAudio, end: NonNullable<StoredRecording['end']>): void {
  if (end.checksum === undefined || (audio.isWhole && audio.fileBytes === end.bytes)) return;
  throw new AppError({ code: 'recording.damaged', category: 'bug', message: 'the recording is not as long as it was when it was finished' });
}
