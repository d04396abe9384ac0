import { elidedRange } from '../elided-range.ts';
import type { Grammar } from '../grammar.ts';
import { joinWithAnd } from '../join-with-and.ts';
import type { Counted, Noun } from '../nouns.ts';
import type { Pieces } from '../pieces.ts';
import { frenchDate, frenchSpokenTime, frenchTime } from './date-and-time.ts';
import { frenchDigitGroups } from './digit-groups.ts';
import { frenchCount, frenchNumber } from './number.ts';

const numberOf = (value: number, noun: Noun): Pieces => frenchNumber(value, noun.gender.fr);
const sum = (parts: readonly Counted[]): Pieces => joinWithAnd(parts.map(({ value, noun }) => frenchCount(value, noun)));

/** "De" loses its vowel before un and une, and is one word with them: moins d'une heure, moins de onze minutes. */
function lessThan(parts: readonly Counted[]): Pieces {
  const [first] = parts;
  if (first?.value !== 1) return ['less-than', ...sum(parts)];
  const one = first.noun.gender.fr === 'feminine' ? 'less-than-one-feminine' : 'less-than-one';
  return joinWithAnd([[one, `${first.noun.id}-one`], ...parts.slice(1).map(({ value, noun }) => frenchCount(value, noun))]);
}

/** French as it is spoken in France and the Maghreb. */
export const FRENCH: Grammar = {
  number: (value) => frenchNumber(value),
  sum,
  range: (from, to) => elidedRange({ number: numberOf, count: frenchCount }, from, to),
  lessThan,
  date: frenchDate,
  time: { '24-hour': frenchTime, spoken: frenchSpokenTime },
  digitGroups: frenchDigitGroups,
};
