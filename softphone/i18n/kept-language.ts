import type { Language } from './language.ts';

const KEY = 'allo.language';

/** The language that was chosen in this browser before. */
export const readLanguage = (): string | null => localStorage.getItem(KEY);

/** Keeps the choice in this browser. */
export const writeLanguage = (language: Language): void => localStorage.setItem(KEY, language);
