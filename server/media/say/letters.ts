import type { AudioSource } from '../../model/audio.ts';
import type { Language } from '../../model/language.ts';

/**
 * Whose names Latin letters have: an Arabic caller of the Maghreb knows them in French, and in Arabic B and
 * P would have one name.
 */
const LATIN_NAMES_IN: Readonly<Record<Language, Language>> = { fr: 'fr', ar: 'fr', en: 'en' };

/** Arabic letters by the ids of their names. */
const ARABIC_LETTERS: ReadonlyMap<string, string> = new Map([
  ['ا', 'alif'], ['ب', 'ba'], ['ت', 'ta'], ['ث', 'tha'], ['ج', 'jim'], ['ح', 'hah'], ['خ', 'kha'], ['د', 'dal'], ['ذ', 'thal'],
  ['ر', 'ra'], ['ز', 'zay'], ['س', 'sin'], ['ش', 'shin'], ['ص', 'sad'], ['ض', 'dad'], ['ط', 'tah'], ['ظ', 'zah'], ['ع', 'ayn'],
  ['غ', 'ghayn'], ['ف', 'fa'], ['ق', 'qaf'], ['ك', 'kaf'], ['ل', 'lam'], ['م', 'mim'], ['ن', 'nun'], ['ه', 'ha'], ['و', 'waw'],
  ['ي', 'ya'], ['ء', 'hamza'], ['ة', 'ta-marbuta'], ['ى', 'alif-maqsura'],
]);

/**
 * The name of a letter; its accents, and in Arabic its hamza, must be off.
 * @returns nothing for what is no letter, or one that has no name in this language.
 */
export function letterSource(letter: string, language: Language): AudioSource | undefined {
  if (/^[a-z]$/i.test(letter)) return { kind: 'prompt', language: LATIN_NAMES_IN[language], id: `letter-${letter.toLowerCase()}` };
  const name = language === 'ar' ? ARABIC_LETTERS.get(letter) : undefined;
  return name === undefined ? undefined : { kind: 'prompt', language, id: `letter-${name}` };
}
