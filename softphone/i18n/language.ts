import type { Language } from '../../server/model/language.ts';

export type { Language } from '../../server/model/language.ts';

/** The languages of the pages, each in itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { fr: 'Français', ar: 'العربية', en: 'English' };

/** Whether a text names a language of the pages. */
export const isLanguage = (value: unknown): value is Language => typeof value === 'string' && Object.hasOwn(LANGUAGE_NAMES, value);

/** Arabic is written from right to left. */
export const directionOf = (language: Language): 'rtl' | 'ltr' => (language === 'ar' ? 'rtl' : 'ltr');

/**
 * The language to begin with: the one chosen here before, else the first of the browser's that
 * there is, else French.
 */
export function firstLanguage(kept: string | null, wanted: readonly string[]): Language {
  if (isLanguage(kept)) return kept;
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'fr';
}
