import { execFile } from 'node:child_process';
import { AppError, describeError } from '../server/base/app-error.ts';
import { respellForEspeak } from './espeak-arabic.ts';
import type { FlowLanguage } from './flow-schema.ts';
import { decodeWav, type Sound } from './wav.ts';

const TIMEOUT_MS = 30_000;
const MAX_SOUND_BYTES = 16 * 1024 * 1024;

/** Voice, speed (words per minute) and pitch (0 to 99) of each language: slower than the default, for the telephone (vocalised Arabic has more syllables per word). */
export const ESPEAK_VOICES: Readonly<Record<FlowLanguage, { readonly voice: string; readonly speed: number; readonly pitch: number }>> = {
  fr: { voice: 'fr-fr', speed: 160, pitch: 45 },
  ar: { voice: 'ar', speed: 210, pitch: 45 },
  en: { voice: 'en-gb', speed: 155, pitch: 45 },
};

/** Bounds of one run. */
export interface EspeakRun {
  /** Found on the PATH, or by its path; default `espeak-ng`. */
  readonly program?: string;
  /** Ends the program; without one it may take half a minute. */
  readonly signal?: AbortSignal;
  readonly maxBytes?: number;
}

/**
 * Has espeak-ng say a text; the text goes in by standard input, so nothing in it is an option.
 * @throws AppError `prompts.speech-engine` when espeak-ng is missing, fails, is ended or says too much; the
 *   cause tells.
 */
export function speakWithEspeak(text: string, language: FlowLanguage, run: EspeakRun = {}): Promise<Sound> {
  const { program = 'espeak-ng', signal, maxBytes = MAX_SOUND_BYTES } = run;
  const { voice, speed, pitch } = ESPEAK_VOICES[language];
  const args = ['-v', voice, '-s', String(speed), '-p', String(pitch), '-b', '1', '--stdin', '--stdout'];
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer' as const, timeout: TIMEOUT_MS, maxBuffer: maxBytes, killSignal: 'SIGKILL' as const, signal };
    const child = execFile(program, args, options, (cause, stdout) => {
      if (cause) return reject(unable(cause));
      try {
        resolve(decodeWav(stdout));
      } catch (undecodable) {
        reject(unable(undecodable));
      }
    });
    // A program that died before reading is reported by execFile itself.
    child.stdin?.on('error', (cause) => reject(unable(cause)));
    child.stdin?.end(language === 'ar' ? respellForEspeak(text) : text);
  });
}

const unable = (cause: unknown): AppError => new AppError({
  code: 'prompts.speech-engine',
  category: 'config',
  message: `espeak-ng could not say a prompt (${describeError(cause)}); install espeak-ng or lay a recording in ivr-flows/recordings`,
  cause,
});
