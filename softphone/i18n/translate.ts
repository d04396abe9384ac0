import { createInstance, type i18n } from 'i18next';
import type { Language } from '../../server/model/language.ts';
import { ar } from './ar.ts';
import { en, type TextKey } from './en.ts';
import { fr } from './fr.ts';

/** The texts of all languages; every key in each (checked by the compiler and by a test). */
export const TEXTS: Readonly<Record<Language, Readonly<Record<string, string>>>> = { fr, ar, en };

/** A text that is counted is asked for without its plural suffix. */
export type AskedKey = TextKey extends infer K ? (K extends `${infer Base}_${'one' | 'other'}` ? Base : K) : never;

/** Says a text in the chosen language, with its values put in. */
export type Translate = (key: AskedKey, values?: Readonly<Record<string, string | number>>) => string;

/** Makes the engine that holds the texts; its language may change at any time. */
export function createTexts(language: Language): i18n {
  const instance = createInstance();
  void instance.init({
    lng: language,
    fallbackLng: 'en',
    resources: { fr: { translation: fr }, ar: { translation: ar }, en: { translation: en } },
    // Keys are flat and hold dots; names from outside are put in as text, and React escapes them.
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    initAsync: false,
    showSupportNotice: false,
  });
  return instance;
}

/** The translate function of an engine, for one language. */
export const translateWith = (texts: i18n, language: Language): Translate => {
  const translate = texts.getFixedT(language);
  return (key, values) => translate(key, { ...values });
};

/** Whether there is such a text: codes from the server are looked up before they are shown. */
export const hasText = (key: string): key is AskedKey => Object.hasOwn(en, key);
