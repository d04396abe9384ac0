import { AppError } from '../../base/app-error.ts';
import type { AudioSource } from '../../model/audio.ts';
import type { Language } from '../../model/language.ts';

/** Ids of recorded pieces of one language (`pieces` of `ivr-flows/prompts/manifest.yaml`), in the order of speech. */
export type Pieces = readonly string[];

/** The largest number that can be said: more is no bill of anybody who calls. */
export const MAX_SAYABLE = 999_999_999;

/** Makes pieces playable. */
export function toSources(pieces: Pieces, language: Language): readonly AudioSource[] {
  return pieces.map((id) => ({ kind: 'prompt', language, id }));
}

/**
 * Lets whole numbers of 0 to 999,999,999 through.
 * @throws AppError `say.out-of-range` for anything else.
 */
export function assertSayable(value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_SAYABLE) return;
  throw new AppError({
    code: 'say.out-of-range', category: 'bug',
    message: `only whole numbers from 0 to ${MAX_SAYABLE} can be said`, details: { value },
  });
}

/** Millions, thousands and the rest of a number, each 0 to 999. */
export function groupsOf(value: number): { readonly millions: number; readonly thousands: number; readonly rest: number } {
  return { millions: Math.floor(value / 1_000_000), thousands: Math.floor(value / 1_000) % 1_000, rest: value % 1_000 };
}
