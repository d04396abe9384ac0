import { digitsOneByOne } from '../digits-one-by-one.ts';
import type { Grammar } from '../grammar.ts';
import type { Counted } from '../nouns.ts';
import type { Pieces } from '../pieces.ts';
import { arabicDate, arabicSpokenTime, arabicTime } from './date-and-time.ts';
import { arabicCount, arabicNumber, withAnd, withAndBetween } from './number.ts';
import type { Case } from './words.ts';

const sumIn = (grammaticalCase: Case) => (parts: readonly Counted[]): Pieces =>
  withAndBetween(parts.map(({ value, noun }) => arabicCount(value, noun, grammaticalCase)));
const sumAfterPreposition = sumIn('oblique');

/** Modern Standard Arabic, with the months of Algeria. */
export const ARABIC: Grammar = {
  number: (value) => arabicNumber(value),
  sum: sumIn('nominative'),
  // The noun is said at both ends: its form differs with the number (بين دقيقتين وأربع دقائق).
  range: (from, to) => ['between', ...sumAfterPreposition(from), ...withAnd(sumAfterPreposition(to))],
  lessThan: (parts) => ['less-than', ...sumAfterPreposition(parts)],
  date: arabicDate,
  time: { '24-hour': arabicTime, spoken: arabicSpokenTime },
  digitGroups: digitsOneByOne,
};
