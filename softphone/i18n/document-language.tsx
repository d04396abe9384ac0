import { useDirection } from '@mantine/core';
import { useLayoutEffect } from 'react';
import { directionOf } from './language.ts';
import { useText } from './use-text.ts';

/** Keeps the document's `lang` and `dir`, and the components' direction, with the chosen language. */
export function DocumentLanguage() {
  const { language } = useText();
  const { setDirection } = useDirection();
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = directionOf(language);
    setDirection(directionOf(language));
  }, [language, setDirection]);
  return null;
}
