import type { Language } from './language.ts';

/** Something that can be played to a leg. */
export type AudioSource =
  /** A recorded piece of `ivr-flows/prompts/{language}/{id}.wav`. */
  | { readonly kind: 'prompt'; readonly language: Language; readonly id: string }
  /** A WAV file by its absolute path (16-bit PCM, A-law or µ-law, mono, 8 kHz). */
  | { readonly kind: 'file'; readonly path: string }
  /** Music on hold, in step for all listeners. */
  | { readonly kind: 'music' }
  /** A tone of call progress; `country` (ISO 3166) says whose, the default table when it is absent or unknown. */
  | { readonly kind: 'tone'; readonly name: 'ringback' | 'busy' | 'congestion' | 'dial' | 'special-information'; readonly country?: string }
  | { readonly kind: 'silence'; readonly ms: number };

/** Something that is being played. */
export interface Playback {
  /** How it ended. Never rejects: a source that cannot be read ends as `failed`. */
  readonly done: Promise<'finished' | 'stopped' | 'failed'>;
  /** Idempotent. */
  stop(): void;
}
