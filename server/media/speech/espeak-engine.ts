import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { respellForEspeak } from '../../../ivr-flows/espeak-arabic.ts';
import { AppError } from '../../base/app-error.ts';
import { withDeadline } from '../../base/deadline.ts';
import type { Milliseconds } from '../../base/time.ts';
import type { SpeechSynthesizer } from '../../ivr/ports.ts';
import type { AudioSource } from '../../model/audio.ts';
import type { Language } from '../../model/language.ts';
import { SAMPLE_RATE } from '../codec/frame.ts';
import { writeWav } from '../listen/wav.ts';
import { decodeWav } from '../player/wav-file.ts';
import { resample } from './resample.ts';
import { WorkSlots } from './work-slots.ts';

/** How free text is spoken. */
export interface EspeakOptions {
  /** Where spoken texts are kept, as WAV files; made when it is not there. */
  readonly directory: string;
  /** The program; default `espeak-ng`, found on the PATH. */
  readonly program?: string;
  /** Longest wait for one text; default 3,000 ms, since a caller listens to silence meanwhile. */
  readonly timeoutMs?: Milliseconds;
  /** Texts that are kept; default 2,000, the least recently spoken go first. */
  readonly maxFiles?: number;
  /** Hears why a text could not be spoken; never the text itself. */
  readonly onFault?: (fault: { readonly code: string; readonly message: string }) => void;
}

const VOICES: Readonly<Record<Language, string>> = { fr: 'fr', ar: 'ar', en: 'en' };
const WORDS_PER_MINUTE = '150';
const MAX_TEXT_CHARS = 600;
/** A minute and a half of speech at 22 kHz. */
const MAX_OUTPUT_BYTES = 4_000_000;
/** Programs that run at once, and texts that wait for one. */
const AT_ONCE = 2;
const MAY_WAIT = 32;
/** Files are counted again after this many new ones. */
const PRUNE_EVERY = 50;

/**
 * Speaks free text with espeak-ng, when the machine has it.
 * @remarks The text goes through standard input, never through a shell.
 */
export class EspeakSynthesizer implements SpeechSynthesizer {
  readonly #directory: string;
  readonly #program: string;
  readonly #timeoutMs: Milliseconds;
  readonly #maxFiles: number;
  readonly #onFault: (fault: { readonly code: string; readonly message: string }) => void;
  readonly #slots = new WorkSlots(AT_ONCE, MAY_WAIT);
  /** Texts that are being spoken: a second call for the same one waits for the first. */
  readonly #underWay = new Map<string, Promise<boolean>>();
  #isMissing = false;
  #newFiles = 0;

  constructor(options: EspeakOptions) {
    this.#directory = resolve(options.directory);
    this.#program = options.program ?? 'espeak-ng';
    this.#timeoutMs = options.timeoutMs ?? 3_000;
    this.#maxFiles = options.maxFiles ?? 2_000;
    this.#onFault = options.onFault ?? (() => undefined);
  }

  async synthesize(text: string, language: Language, signal: AbortSignal): Promise<AudioSource | 'unavailable'> {
    const spoken = text.normalize('NFC').replace(/\p{Cc}+/gu, ' ').trim();
    if (this.#isMissing || spoken === '' || spoken.length > MAX_TEXT_CHARS || signal.aborted) return 'unavailable';
    const name = createHash('sha256').update(`${language}\n${WORDS_PER_MINUTE}\n${spoken}`).digest('hex');
    const path = join(this.#directory, `${name}.wav`);
    try {
      const isThere = await this.#isKept(path) || await withDeadline(this.#timeoutMs, () => this.#speakOnce(spoken, language, path), signal);
      return isThere ? { kind: 'file', path } : 'unavailable';
    } catch (cause) {
      if (!signal.aborted) this.#onFault({ code: 'media.speech-failed', message: `a text could not be spoken: ${reasonOf(cause)}` });
      return 'unavailable';
    }
  }

  /** @returns whether it was spoken before; it counts as used now. */
  async #isKept(path: string): Promise<boolean> {
    const isThere = await access(path).then(() => true, () => false);
    if (isThere) await utimes(path, new Date(), new Date());
    return isThere;
  }

  #speakOnce(text: string, language: Language, path: string): Promise<boolean> {
    const underWay = this.#underWay.get(path);
    if (underWay !== undefined) return underWay;
    const speaking = this.#slots.run(() => this.#speak(text, language, path))
      .then((outcome) => outcome !== 'full')
      .finally(() => this.#underWay.delete(path));
    this.#underWay.set(path, speaking);
    return speaking;
  }

  async #speak(text: string, language: Language, path: string): Promise<void> {
    const { samples, sampleRate } = decodeWav(await this.#runProgram(text, language), this.#program);
    await mkdir(this.#directory, { recursive: true });
    // Written aside and moved into place, so that nobody plays half a file.
    const aside = join(this.#directory, `${randomUUID()}.part`);
    await writeWav(aside, resample(samples, sampleRate, SAMPLE_RATE), SAMPLE_RATE);
    await rename(aside, path);
    this.#newFiles += 1;
    if (this.#newFiles % PRUNE_EVERY === 1) await this.#prune();
  }

  #runProgram(text: string, language: Language): Promise<Buffer> {
    return new Promise((resolvePromise, reject) => {
      const child = spawn(this.#program, ['-v', VOICES[language], '-s', WORDS_PER_MINUTE, '-b', '1', '--stdin', '--stdout'], {
        stdio: ['pipe', 'pipe', 'ignore'], timeout: this.#timeoutMs, killSignal: 'SIGKILL',
      });
      const chunks: Buffer[] = [];
      let bytes = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
        else chunks.push(chunk);
      });
      child.once('error', (cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') this.#isMissing = true;
        reject(speechFault(`${this.#program} cannot be run`, cause));
      });
      child.once('close', (exitCode, endSignal) => {
        if (exitCode === 0) resolvePromise(Buffer.concat(chunks));
        else reject(speechFault(`${this.#program} ended with ${exitCode ?? endSignal ?? 'nothing'}`));
      });
      child.stdin.once('error', (cause) => reject(speechFault(`${this.#program} took no text`, cause)));
      child.stdin.end(language === 'ar' ? respellForEspeak(text) : text);
    });
  }

  async #prune(): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => name.endsWith('.wav'));
    if (names.length <= this.#maxFiles) return;
    const files = await Promise.all(names.map(async (name) => {
      const path = join(this.#directory, name);
      return { path, usedAt: (await stat(path)).mtimeMs };
    }));
    files.sort((one, other) => one.usedAt - other.usedAt);
    for (const { path } of files.slice(0, files.length - this.#maxFiles)) await rm(path, { force: true });
  }
}

const speechFault = (message: string, cause?: unknown): AppError =>
  new AppError({ code: 'media.speech-failed', category: 'config', message, cause });

const reasonOf = (cause: unknown): string => (cause instanceof AppError ? cause.message : 'unexpected fault');
