import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { writeLanguage } from '../i18n/kept-language.ts';
import { isLanguage, LANGUAGE_NAMES } from '../i18n/language.ts';
import { useText } from '../i18n/use-text.ts';

/** Chooses the language of the pages and keeps the choice in this browser. */
export function LanguageSwitch({ isShort = false }: { readonly isShort?: boolean }) {
  const { i18n } = useTranslation();
  const { t, language } = useText();
  const choose = (value: string): void => {
    if (!isLanguage(value)) return;
    writeLanguage(value);
    void i18n.changeLanguage(value);
  };
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('app.language')}
      data-testid="language-switch"
      value={language}
      onChange={choose}
      data={Object.entries(LANGUAGE_NAMES).map(([value, name]) => ({
        value,
        label: <span lang={value}>{isShort ? (value === 'ar' ? 'ع' : value.toUpperCase()) : name}</span>,
      }))}
    />
  );
}
