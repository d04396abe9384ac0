import { shapeVoice } from '../../../ivr-flows/shape-voice.ts';
import { encodeWav, type Sound } from '../../../ivr-flows/wav.ts';
import { AppError } from '../../base/app-error.ts';
import { withDeadline } from '../../base/deadline.ts';
import { systemClock, type Clock, type Milliseconds } from '../../base/time.ts';
import type { SpeechSynthesizer } from '../../ivr/ports.ts';
import type { AudioSource } from '../../model/audio.ts';
import type { Language } from '../../model/language.ts';
import { EngineRest } from './engine-rest.ts';
import { speechFault, type SpeechEngine } from './speech-engine.ts';
import { SpeechFiles } from './speech-files.ts';
import { WorkSlots } from './work-slots.ts';

/** How free text is spoken and kept. */
export interface KeptSpeechOptions {
  readonly engine: SpeechEngine;
  /** Where spoken texts are kept, as WAV files; made when it is not there. */
  readonly directory: string;
  /** Longest wait for one text; default 3,000 ms, since a caller listens to silence meanwhile. */
  readonly timeoutMs?: Milliseconds;
  /** Texts that are kept; default 2,000, the least recently spoken go first. */
  readonly maxFiles?: number;
  readonly clock?: Clock;
  /** Hears why a text could not be spoken; never the text itself. */
  readonly onFault?: (fault: { readonly code: string; readonly message: string }) => void;
}

const MAX_TEXT_CHARS = 600;
/** Texts that are spoken at once, and texts that wait for that. */
const AT_ONCE = 2;
const MAY_WAIT = 32;
/** What an engine may answer: resampling from anything else would take long, or invent most of it. */
const SAMPLE_RATES = { min: 8_000, max: 96_000 } as const;

/**
 * Speaks free text with an engine and keeps it: the second caller of one text waits for no engine.
 * @remarks What was spoken is shaped like the prompts (8 kHz, one level, no silence at the ends), so that a
 *   sentence made of both sounds like one.
 */
export class KeptSpeech implements SpeechSynthesizer {
  readonly #engine: SpeechEngine;
  readonly #files: SpeechFiles;
  readonly #timeoutMs: Milliseconds;
  readonly #onFault: (fault: { readonly code: string; readonly message: string }) => void;
  readonly #rest: EngineRest;
  readonly #slots = new WorkSlots(AT_ONCE, MAY_WAIT);
  /** Texts that are being spoken: a second call for the same one waits for the first. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(options: KeptSpeechOptions) {
    this.#engine = options.engine;
    this.#files = new SpeechFiles(options.directory, options.maxFiles ?? 2_000);
    this.#timeoutMs = options.timeoutMs ?? 3_000;
    this.#onFault = options.onFault ?? (() => undefined);
    this.#rest = new EngineRest(options.clock ?? systemClock);
  }

  async synthesize(text: string, language: Language, signal: AbortSignal): Promise<AudioSource | 'unavailable'> {
    const spoken = text.normalize('NFC').replace(/\p{Cc}+/gu, ' ').trim();
    if (spoken === '' || spoken.length > MAX_TEXT_CHARS || signal.aborted) return 'unavailable';
    const path = this.#files.pathOf(`${this.#engine.id}\n${language}\n${spoken}`);
    try {
      if (!await this.#files.touch(path)) {
        if (this.#rest.isResting) return 'unavailable';
        await withDeadline(this.#timeoutMs, () => this.#speakOnce(spoken, language, path), signal);
      }
      return { kind: 'file', path };
    } catch (cause) {
      if (!signal.aborted) this.#onFault({ code: 'media.speech-failed', message: `a text could not be spoken: ${reasonOf(cause)}` });
      return 'unavailable';
    }
  }

  #speakOnce(text: string, language: Language, path: string): Promise<void> {
    const underWay = this.#underWay.get(path);
    if (underWay !== undefined) return underWay;
    // Its deadline is its own: who asked first may hang up while others wait for the same text.
    const speaking = withDeadline(this.#timeoutMs, (signal) => this.#speak(text, language, { path, signal }))
      .finally(() => this.#underWay.delete(path));
    this.#underWay.set(path, speaking);
    return speaking;
  }

  async #speak(text: string, language: Language, { path, signal }: { readonly path: string; readonly signal: AbortSignal }): Promise<void> {
    const sound = await this.#slots.run(() => this.#ask(text, language, signal));
    if (sound === 'full') throw speechFault('too many texts wait to be spoken');
    await this.#files.keep(path, encodeWav(sound));
  }

  /** Only what the engine itself does counts for its rest, not how many wait for it. */
  async #ask(text: string, language: Language, signal: AbortSignal): Promise<Sound> {
    signal.throwIfAborted();
    try {
      const sound = shape(await this.#engine.speak(text, language, signal));
      this.#rest.noteSuccess();
      return sound;
    } catch (cause) {
      this.#rest.noteFailure(cause);
      throw cause;
    }
  }
}

function shape(sound: Sound): Sound {
  const { sampleRate } = sound;
  if (!(sampleRate >= SAMPLE_RATES.min && sampleRate <= SAMPLE_RATES.max)) throw speechFault(`the speech has a rate of ${sampleRate} Hz`);
  const shaped = shapeVoice(sound);
  if (!shaped) throw speechFault('the speech has no sound in it');
  return shaped;
}

const reasonOf = (cause: unknown): string => (cause instanceof AppError ? cause.message : 'unexpected fault');
