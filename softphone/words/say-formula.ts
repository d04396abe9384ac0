import type { Formats } from '../format/formats.ts';
import type { Translate } from '../i18n/translate.ts';

/** Says the formula of the service level in the reader's language; one that this page does not know, as the server wrote it. */
export function sayFormula(formula: string, t: Translate, f: Pick<Formats, 'span'>): string {
  const threshold = /^answered within ([\d.]+) s \/ \(answered \+ abandoned after \1 s\)$/.exec(formula)?.[1];
  return threshold === undefined ? formula : t('wall.formula', { threshold: f.span(Number(threshold) * 1_000) });
}
