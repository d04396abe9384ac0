import type { Digit } from '../../model/digit.ts';
import type { RecordingId } from '../../model/ids.ts';
import type { RecordingLimits } from '../../model/recording.ts';
import type { CallServices } from '../call-services.ts';
import type { LiveCall } from '../live-call.ts';
import type { MediaLeg } from '../ports.ts';
import { NotedRecording } from './noted-recording.ts';

/** Who speaks, and how keys are heard. */
export interface Speaker {
  readonly call: LiveCall;
  readonly leg: MediaLeg;
  /** Keys of the speaker, each press once. @returns a function that stops listening. */
  readonly onDigit: (listener: (digit: Digit) => void) => () => void;
}

/** What a message may be like. */
export interface MessageOptions extends RecordingLimits {
  /** Keys that end it. */
  readonly stopKeys: readonly Digit[];
  readonly retainDays: number;
}

/** How a message ended. */
export type MessageResult =
  | {
    readonly kind: 'recorded'; readonly recordingId: RecordingId; readonly durationMs: number;
    readonly endedBy: 'key' | 'silence' | 'max-length' | 'caller-gone';
    /** The key, when it was one. */
    readonly key?: Digit;
  }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Records one voice alone: voicemail, or a comment after a survey. It ends by a key, by silence,
 * at its longest, or when the caller leaves.
 * @param signal - fires when the caller is gone.
 * @returns `failed` when nothing was kept. Never rejects.
 */
export async function recordMessage(
  { call, leg, onDigit }: Speaker, options: MessageOptions, services: Pick<CallServices, 'recorder' | 'onFault'>, signal: AbortSignal,
): Promise<MessageResult> {
  const { stopKeys, retainDays, ...limits } = options;
  const recording = await NotedRecording.start(call, { leg, kind: 'message', cause: { kind: 'flow' }, retainDays, limits }, services);
  if (recording === undefined) return { kind: 'failed', reason: 'not-started' };
  let key: Digit | undefined;
  const stop = (): void => void recording.stop();
  const stopListening = onDigit((digit) => {
    if (key !== undefined || !stopKeys.includes(digit)) return;
    key = digit;
    stop();
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const { how, durationMs, reason } = await recording.ended;
  signal.removeEventListener('abort', stop);
  stopListening();
  if (how === 'failed' || how === 'interrupted') return { kind: 'failed', reason: reason ?? how };
  const { recordingId } = recording;
  if (key !== undefined) return { kind: 'recorded', recordingId, durationMs, endedBy: 'key', key };
  return { kind: 'recorded', recordingId, durationMs, endedBy: how === 'silence' || how === 'max-length' ? how : 'caller-gone' };
}
