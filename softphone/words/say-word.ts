import type { IvrStep } from '../../server/model/interaction.ts';
import { hasText, type Translate } from '../i18n/translate.ts';

/** Says a stable word of the server (`intent.claim`, `match.open-case`); an unknown one as it is. */
export function sayWord(area: 'intent' | 'match' | 'channel' | 'exit' | 'offer' | 'break' | 'state' | 'menu', word: string, t: Translate): string {
  const key = `${area}.${word}`;
  return hasText(key) ? t(key) : word;
}

/** Says what a caller did at one step of the menu: `main-menu: key 2`. */
export function sayIvrInput(input: string, t: Translate): string {
  if (input === 'no-input') return t('ivr.no-input');
  if (input === 'no-match') return t('ivr.no-match');
  return t('ivr.key', { key: input });
}

/** The steps at which the caller did something: prompts alone tell the agent nothing. */
export const chosenSteps = (path: readonly IvrStep[]): readonly (IvrStep & { readonly input: string })[] =>
  path.filter((step): step is IvrStep & { readonly input: string } => step.input !== undefined);
