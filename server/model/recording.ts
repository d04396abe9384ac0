import type { EpochMs, Milliseconds } from '../base/time.ts';
import type { QueueId, RecordingId, UserId } from './ids.ts';

/** `conversation`: two channels, the customer left and the staff right; `message`: one voice (voicemail, a comment). */
export type RecordingKind = 'conversation' | 'message';

/** Who or what began a recording. */
export type RecordingCause =
  | { readonly kind: 'policy'; readonly policyVersion: number }
  /** `desk`: in the browser; `keys`: on the telephone. */
  | { readonly kind: 'person'; readonly userId: UserId; readonly by: 'desk' | 'keys' }
  /** The flow asked the caller to speak. */
  | { readonly kind: 'flow' };

/** How recordings end; `interrupted`: the process or the media worker died. */
export const RECORDING_ENDINGS = ['stopped', 'leg-closed', 'max-length', 'silence', 'failed', 'interrupted'] as const;
export type RecordingEnding = (typeof RECORDING_ENDINGS)[number];

/** What somebody can want of the recording of a conversation. */
export const RECORDING_ACTIONS = ['start', 'pause', 'resume', 'stop'] as const;
export type RecordingAction = (typeof RECORDING_ACTIONS)[number];

/** When a recording ends by itself. */
export interface RecordingLimits {
  readonly maxLengthMs: Milliseconds;
  /** Ends when nobody has spoken for so long: at the beginning, and after speech. */
  readonly silence?: { readonly beforeSpeechMs: Milliseconds; readonly afterSpeechMs: Milliseconds };
}

/** A recording that has ended, as it lies on the disk. */
export interface RecordingEnd {
  readonly how: RecordingEnding;
  /** What can be heard, silence on purpose included. */
  readonly durationMs: Milliseconds;
  /** Of the file, encrypted. */
  readonly bytes: number;
  /** SHA-256 of the file in hexadecimal; absent when there is no whole file. */
  readonly checksum?: string;
  /** Audio that a slow disk could not take; there is silence in its place. */
  readonly lostMs: Milliseconds;
  /** Why it failed, in a stable word. */
  readonly reason?: string;
}

/** A stretch of silence on purpose, while card numbers were said. Positions within the recording. */
export interface RecordingPause {
  readonly fromMs: Milliseconds;
  /** Absent when the recording ended in it. */
  readonly toMs?: Milliseconds;
  readonly pausedBy?: UserId;
}

/** One recording in the history of its call. */
export interface RecordingRecord {
  readonly recordingId: RecordingId;
  readonly kind: RecordingKind;
  readonly cause: RecordingCause;
  readonly queueId?: QueueId;
  readonly startedAt: EpochMs;
  /** Whole days after which it is deleted. */
  readonly retainDays: number;
  readonly pauses: readonly RecordingPause[];
  /** Absent while it runs. */
  readonly endedAt?: EpochMs;
  readonly end?: RecordingEnd;
  /** Its audio was deleted then; put beside by whoever reads the history. */
  readonly deletedAt?: EpochMs;
}
