import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { isLanguage, type Language } from './language.ts';
import { createFormats, type Formats } from '../format/formats.ts';
import { translateWith, type Translate } from './translate.ts';

/** What a component says things with, in the language chosen. */
export interface Speech {
  readonly t: Translate;
  readonly f: Formats;
  readonly language: Language;
}

/** The texts and formats of the chosen language; drawn anew when it changes. */
export function useText(): Speech {
  const { i18n } = useTranslation();
  const language = isLanguage(i18n.language) ? i18n.language : 'en';
  return useMemo(() => {
    const t = translateWith(i18n, language);
    return { t, f: createFormats(language, t), language };
  }, [i18n, language]);
}
