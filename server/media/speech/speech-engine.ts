import type { Sound } from '../../../ivr-flows/wav.ts';
import { AppError } from '../../base/app-error.ts';
import type { Language } from '../../model/language.ts';

/** Something that speaks: a program on this machine, or a service. */
export interface SpeechEngine {
  /** Tells apart what different engines, voices and settings make of one text. */
  readonly id: string;
  /**
   * Speaks one text; bounded in size by itself, in time by the signal.
   * @throws AppError `media.speech-failed`, or `media.speech-missing` when there is no such engine.
   */
  speak(text: string, language: Language, signal: AbortSignal): Promise<Sound>;
}

/** A minute and a half of 16-bit speech at 22 kHz, or a little less than half of one at 48 kHz. */
export const MAX_SPEECH_BYTES = 4_000_000;

/** The code of an engine that is not there: it is not asked again. */
export const SPEECH_MISSING = 'media.speech-missing';

/** Why a text could not be spoken; the message must not have the text in it. */
export const speechFault = (message: string, options: { readonly cause?: unknown; readonly isMissing?: boolean } = {}): AppError => new AppError({
  code: options.isMissing ? SPEECH_MISSING : 'media.speech-failed',
  category: options.isMissing ? 'config' : 'upstream', message, retryable: !options.isMissing, cause: options.cause,
});
