import { AppError } from '../../base/app-error.ts';
import type { AudioSource } from '../../model/audio.ts';
import type { Language } from '../../model/language.ts';

/** Ids of recorded pieces of one language (`pieces` of `ivr-flows/prompts/manifest.yaml`), in the order of speech. */
export type Pieces = readonly string[];

/** The largest number that can be said: more is no bill of anybody who calls. */
export const MAX_SAYABLE = 999_999_999;

/** Silence between groups of digits or letters: long enough to write the group down. */
const GROUP_PAUSE_MS = 250;

/** Makes pieces playable. */
export function toSources(pieces: Pieces, language: Language): readonly AudioSource[] {
  return pieces.map((id) => ({ kind: 'prompt', language, id }));
}

/** Puts a pause between groups; empty groups are left out. */
export function withPauses(groups: readonly (readonly AudioSource[])[]): readonly AudioSource[] {
  const pause: AudioSource = { kind: 'silence', ms: GROUP_PAUSE_MS };
  return groups.filter((group) => group.length > 0).flatMap((group, index) => (index === 0 ? group : [pause, ...group]));
}

/**
 * Lets whole numbers of 0 to 999,999,999 through.
 * @throws AppError `say.out-of-range` for anything else.
 */
export function assertSayable(value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_SAYABLE) return;
  throw outOfRange(`only whole numbers from 0 to ${MAX_SAYABLE} can be said`, { value });
}

/** The fault of a figure that has no words. */
export const outOfRange = (message: string, details: Readonly<Record<string, unknown>> = {}): AppError =>
  new AppError({ code: 'say.out-of-range', category: 'bug', message, details });

/** Millions, thousands and the rest of a number, each 0 to 999. */
export function groupsOf(value: number): { readonly millions: number; readonly thousands: number; readonly rest: number } {
  return { millions: Math.floor(value / 1_000_000), thousands: Math.floor(value / 1_000) % 1_000, rest: value % 1_000 };
}
