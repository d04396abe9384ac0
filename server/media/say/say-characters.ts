import { AppError } from '../../base/app-error.ts';
import type { AudioSource } from '../../model/audio.ts';
import type { Language } from '../../model/language.ts';
import { letterSource } from './letters.ts';
import { outOfRange, toSources, withPauses } from './pieces.ts';

/** Longer than any contract or plate number. */
const MAX_CHARACTERS = 32;
const SEPARATORS = /[\s\-_./\\:·–—]+/u;

/**
 * Says digits one by one. Other characters (spaces, `+`, dashes) are left out.
 * @throws AppError `say.out-of-range` for more than 32 digits.
 */
export function sayDigits(text: string, language: Language): readonly AudioSource[] {
  const digits = text.match(/[0-9]/g) ?? [];
  if (digits.length > MAX_CHARACTERS) throw outOfRange(`at most ${MAX_CHARACTERS} digits can be said`);
  return toSources(digits.map((digit) => `n-${digit}`), language);
}

/**
 * Says letters and digits one by one: a contract number, the plate of a car. Spaces, dashes, dots and
 * slashes are heard as short pauses.
 * @remarks Accents are not said (É is E), Arabic digits (٣) are digits. Latin letters can be said in every
 *   language, Arabic ones in Arabic only.
 * @throws AppError `say.unknown-character` for what has no name in this language, `say.out-of-range` for
 *   more than 32 characters.
 */
export function sayCharacters(text: string, language: Language): readonly AudioSource[] {
  // Taken apart, an accented letter is the letter and its accent.
  const groups = text.normalize('NFD').replace(/\p{M}/gu, '').split(SEPARATORS).map((group) => [...group]);
  if (groups.flat().length > MAX_CHARACTERS) throw outOfRange(`at most ${MAX_CHARACTERS} letters and digits can be said`);
  return withPauses(groups.map((group) => group.map((character) => characterSource(character, language))));
}

function characterSource(character: string, language: Language): AudioSource {
  const digit = digitValue(character);
  if (digit !== undefined) return { kind: 'prompt', language, id: `n-${digit}` };
  const letter = letterSource(character, language);
  if (letter) return letter;
  throw new AppError({
    code: 'say.unknown-character', category: 'config',
    message: `there is no recorded name for the character ${character}`, details: { character, language },
  });
}

/** 0 to 9 as Europe, the Arab East or Persia write them. */
function digitValue(character: string): number | undefined {
  const code = character.codePointAt(0) ?? 0;
  return [0x30, 0x660, 0x6f0].map((zero) => code - zero).find((value) => value >= 0 && value <= 9);
}
