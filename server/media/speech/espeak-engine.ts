import { ESPEAK_VOICES, speakWithEspeak } from '../../../ivr-flows/speak-with-espeak.ts';
import type { Sound } from '../../../ivr-flows/wav.ts';
import { AppError } from '../../base/app-error.ts';
import type { Language } from '../../model/language.ts';
import { MAX_SPEECH_BYTES, speechFault, type SpeechEngine } from './speech-engine.ts';

/** Speaks with espeak-ng, when the machine has it, in the voice of the prompts. */
export class EspeakEngine implements SpeechEngine {
  readonly id = `espeak-ng ${JSON.stringify(ESPEAK_VOICES)}`;
  readonly #program: string;

  /** @param program - found on the PATH, or by its path. */
  constructor(program = 'espeak-ng') {
    this.#program = program;
  }

  async speak(text: string, language: Language, signal: AbortSignal): Promise<Sound> {
    try {
      return await speakWithEspeak(text, language, { program: this.#program, signal, maxBytes: MAX_SPEECH_BYTES });
    } catch (fault) {
      const reason = reasonOf(fault);
      throw speechFault(`${this.#program} cannot speak: ${reason}`, { cause: fault, isMissing: reason === 'ENOENT' });
    }
  }
}

/** The code of the fault beneath: what a program writes on its way out may repeat the text. */
function reasonOf(fault: unknown): string {
  const cause = fault instanceof Error ? fault.cause : undefined;
  if (cause instanceof AppError) return cause.message;
  if (!(cause instanceof Error)) return 'unexpected fault';
  // An exit status is a number.
  return 'code' in cause && (typeof cause.code === 'string' || typeof cause.code === 'number') ? String(cause.code) : cause.name;
}
