import { isAbsolute, join } from 'node:path';
import { AppError } from '../../base/app-error.ts';
import { assertNever } from '../../base/assert-never.ts';
import type { AudioSource } from '../../model/audio.ts';
import { SAMPLES_PER_MS } from '../codec/frame.ts';
import type { AudioCache } from '../player/audio-cache.ts';
import { makeHoldMusic } from '../player/hold-music.ts';
import type { ReadySource } from '../player/playlist.ts';
import { toneCountry } from '../player/tone-tables.ts';
import { makeTone } from '../player/tones.ts';

/** More pieces in one playlist than any sentence needs. */
const MAX_SOURCES = 200;
const MAX_SILENCE_MS = 3_600_000;

/** Where sources are found. */
export interface SourceOptions {
  readonly cache: AudioCache;
  readonly promptsDirectory: string;
  readonly musicFile?: string;
}

/** Turns what a call names (a prompt, a file, a tone) into samples. */
export class Sources {
  readonly #options: SourceOptions;
  /** By country and name. */
  readonly #tones = new Map<string, Int16Array>();
  #music: Promise<Int16Array> | undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /**
   * Makes all sources ready, in order.
   * @throws AppError when one of them cannot be played, with its name.
   */
  async prepare(sources: readonly AudioSource[]): Promise<readonly ReadySource[]> {
    if (sources.length > MAX_SOURCES) throw badSource(`a playlist of ${sources.length} pieces is longer than ${MAX_SOURCES}`);
    return Promise.all(sources.map((source) => this.#ready(source)));
  }

  async #ready(source: AudioSource): Promise<ReadySource> {
    switch (source.kind) {
      case 'prompt':
        return { kind: 'samples', samples: await this.#options.cache.load(this.#promptPath(source)) };
      case 'file':
        if (!isAbsolute(source.path)) throw badSource(`${source.path} is not an absolute path`);
        return { kind: 'samples', samples: await this.#options.cache.load(source.path) };
      case 'music':
        return { kind: 'in-step', samples: await this.#loadMusic() };
      case 'tone':
        return { kind: 'endless', samples: this.#tone(source) };
      case 'silence':
        return { kind: 'silence', length: Math.round(Math.min(Math.max(source.ms, 0), MAX_SILENCE_MS) * SAMPLES_PER_MS) };
      default:
        return assertNever(source);
    }
  }

  #promptPath(source: Extract<AudioSource, { kind: 'prompt' }>): string {
    // Ids come from flows, which people write: they must not leave the directory.
    if (!/^[A-Za-z0-9][A-Za-z0-9._/-]{0,200}$/.test(source.id) || source.id.includes('..')) throw badSource(`${source.id} is not a prompt's id`);
    return join(this.#options.promptsDirectory, source.language, `${source.id}.wav`);
  }

  #loadMusic(): Promise<Int16Array> {
    const { musicFile, cache } = this.#options;
    // Held for good: all listeners share it, in step.
    this.#music ??= musicFile === undefined ? Promise.resolve(makeHoldMusic()) : cache.load(musicFile).catch((cause: unknown) => {
      this.#music = undefined;
      throw cause;
    });
    return this.#music;
  }

  #tone({ name, country }: Extract<AudioSource, { kind: 'tone' }>): Int16Array {
    const key = `${toneCountry(country)} ${name}`;
    const known = this.#tones.get(key);
    if (known !== undefined) return known;
    const made = makeTone(name, country);
    this.#tones.set(key, made);
    return made;
  }
}

const badSource = (message: string): AppError => new AppError({ code: 'media.bad-source', category: 'config', message });
