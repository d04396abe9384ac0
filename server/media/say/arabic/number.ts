import type { Noun } from '../nouns.ts';
import { groupsOf, type Pieces } from '../pieces.ts';
import { hundredsWord, takesPlural, underHundred, type ArabicForm, type Case } from './words.ts';

/**
 * A cardinal number in Modern Standard Arabic, as it is counted.
 * @remarks Every word after the first is joined by و, which is part of its recording (`wa-`).
 */
export function arabicNumber(value: number, grammaticalCase: Case = 'nominative'): Pieces {
  return value === 0 ? ['n-0'] : withAndBetween(partsOf(value, { case: grammaticalCase }));
}

/** A number as its parts, between which و is said; a part is a word, or a word and the noun that it counts. */
function partsOf(value: number, form: ArabicForm): readonly Pieces[] {
  const { millions, thousands, rest } = groupsOf(value);
  const alone: ArabicForm = { case: form.case };
  return [
    ...scale(millions, 'million', thousands + rest === 0 ? form : alone),
    ...scale(thousands, 'thousand', rest === 0 ? form : alone),
    ...underThousand(rest, form),
  ];
}

function underThousand(value: number, form: ArabicForm): readonly Pieces[] {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  return [
    ...(hundreds > 0 ? [[hundredsWord(hundreds, rest === 0 ? form : { case: form.case })]] : []),
    ...(rest > 0 ? underHundred(rest, form).map((word) => [word]) : []),
  ];
}

/** So many thousands or millions: ألف، ألفان، ثلاثة آلاف، أحد عشر ألفًا، مئة ألف، مئة ألف وألفان. */
function scale(count: number, noun: 'thousand' | 'million', form: ArabicForm): readonly Pieces[] {
  if (count === 0) return [];
  const rest = count % 100;
  if (rest === 1 || rest === 2) {
    const loose = [rest === 1 ? `${noun}-one` : dual(noun, form)];
    return count < 100 ? [loose] : [...scale(count - rest, noun, { case: form.case }), loose];
  }
  const nounForm = takesPlural(rest) ? 'few' : rest >= 11 && !form.before ? 'many' : 'single';
  return followedBy(underThousand(count, { case: form.case, before: 'masculine' }), `${noun}-${nounForm}`);
}

function dual(noun: 'thousand' | 'million', form: ArabicForm): string {
  if (form.before) return `${noun}-two-joined`;
  return form.case === 'oblique' ? `${noun}-two-oblique` : `${noun}-two`;
}

/**
 * A number of something in Arabic.
 * @remarks By the last two digits: 3–10 plural (ثلاثة دنانير), 11–99 accusative singular (أحد عشر
 *   دينارًا), whole hundreds singular (مئة دينار); one and two are said by the noun itself (دينار واحد،
 *   ديناران), also after a hundred (مئة دينار ودينار واحد).
 */
export function arabicCount(value: number, noun: Noun, grammaticalCase: Case = 'nominative'): Pieces {
  const rest = value % 100;
  if (value === 0) return ['n-0', `${noun.id}-single`];
  if (rest === 1 || rest === 2) {
    const loose = [`${noun.id}-${rest === 1 ? 'one' : 'two'}${grammaticalCase === 'oblique' ? '-oblique' : ''}`];
    return value < 100 ? loose : [...arabicCount(value - rest, noun, grammaticalCase), ...withAnd(loose)];
  }
  const nounForm = rest === 0 ? 'single' : takesPlural(rest) ? 'few' : 'many';
  const parts = partsOf(value, { case: grammaticalCase, before: noun.gender.ar });
  return withAndBetween(followedBy(parts, `${noun.id}-${nounForm}`));
}

/** Puts a word behind the last part, without و. */
const followedBy = (parts: readonly Pieces[], word: string): readonly Pieces[] => [...parts.slice(0, -1), [...(parts.at(-1) ?? []), word]];

/** Every part but the first begins with و. */
export function withAndBetween([first = [], ...others]: readonly Pieces[]): Pieces {
  return first.concat(...others.map(withAnd));
}

/** Something that begins with و. */
export function withAnd([first, ...others]: Pieces): Pieces {
  return first === undefined ? [] : [`wa-${first}`, ...others];
}
