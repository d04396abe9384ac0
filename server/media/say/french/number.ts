import type { Gender, Noun } from '../nouns.ts';
import { groupsOf, type Pieces } from '../pieces.ts';

/**
 * A cardinal number in French.
 * @remarks "vingt" and "cent" take an s only at the end of the number or before a noun, and
 *   "million" is a noun where "mille" is not: deux cents, deux cent un, deux cent mille, deux cents
 *   millions; quatre-vingts, quatre-vingt mille, quatre-vingts millions. "Mille" never takes "un".
 * @param gender - of the noun that follows: "un" at the very end is then "une" (vingt et une minutes).
 */
export function frenchNumber(value: number, gender: Gender = 'masculine'): Pieces {
  if (value === 0) return ['n-0'];
  const { millions, thousands, rest } = groupsOf(value);
  return [...sayMillions(millions), ...sayThousands(thousands), ...underThousand(rest, gender === 'feminine' ? 'last-feminine' : 'last')];
}

type Place = 'last' | 'last-feminine' | 'before-mille';

function sayMillions(millions: number): Pieces {
  if (millions === 0) return [];
  return millions === 1 ? ['million-one'] : [...underThousand(millions, 'last'), 'millions'];
}

function sayThousands(thousands: number): Pieces {
  if (thousands === 0) return [];
  return thousands === 1 ? ['thousand'] : [...underThousand(thousands, 'before-mille'), 'thousand'];
}

function underThousand(value: number, place: Place): Pieces {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  const isJoined = hundreds > 1 && (rest > 0 || place === 'before-mille');
  return [
    ...(hundreds > 0 ? [`hundred-${hundreds}${isJoined ? '-joined' : ''}`] : []),
    ...(rest > 0 ? [underHundred(rest, place)] : []),
  ];
}

function underHundred(rest: number, place: Place): string {
  if (rest === 80 && place === 'before-mille') return 'n-80-joined';
  return place === 'last-feminine' && endsInUn(rest) ? `n-${rest}-feminine` : `n-${rest}`;
}

/** 1, 21, … 61 and 81; not 71 (soixante et onze) nor 91. */
const endsInUn = (rest: number): boolean => rest % 10 === 1 && ![11, 71, 91].includes(rest);

/** Hours of a day are recorded with their noun, because the number runs into it: deux‿heures, neuf‿heures. */
const HOURS_OF_A_DAY = 24;

/**
 * A number of something in French.
 * @remarks Plural from two on ("zéro dinar"); after a bare million, "de": un million de dinars.
 */
export function frenchCount(value: number, noun: Noun): Pieces {
  if (noun.id === 'hour' && value < HOURS_OF_A_DAY) return [`hour-${value}`];
  const needsOf = value > 0 && value % 1_000_000 === 0;
  return [...frenchNumber(value, noun.gender.fr), `${noun.id}-${needsOf ? 'of' : value >= 2 ? 'many' : 'one'}`];
}
