import { groupsOf, type Pieces } from './pieces.ts';

/**
 * A cardinal number in French.
 * @remarks "vingt" and "cent" take an s only at the end of the number or before a noun, and
 *   "million" is a noun where "mille" is not: deux cents, deux cent un, deux cent mille, deux cents
 *   millions; quatre-vingts, quatre-vingt mille, quatre-vingts millions. "Mille" never takes "un".
 */
export function frenchNumber(value: number): Pieces {
  if (value === 0) return ['n-0'];
  const { millions, thousands, rest } = groupsOf(value);
  return [...sayMillions(millions), ...sayThousands(thousands), ...underThousand(rest, 'last')];
}

function sayMillions(millions: number): Pieces {
  if (millions === 0) return [];
  return millions === 1 ? ['million-one'] : [...underThousand(millions, 'last'), 'millions'];
}

function sayThousands(thousands: number): Pieces {
  if (thousands === 0) return [];
  return thousands === 1 ? ['thousand'] : [...underThousand(thousands, 'before-mille'), 'thousand'];
}

function underThousand(value: number, place: 'last' | 'before-mille'): Pieces {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  const isJoined = hundreds > 1 && (rest > 0 || place === 'before-mille');
  return [
    ...(hundreds > 0 ? [`hundred-${hundreds}${isJoined ? '-joined' : ''}`] : []),
    ...(rest > 0 ? [rest === 80 && place === 'before-mille' ? 'n-80-joined' : `n-${rest}`] : []),
  ];
}

/**
 * A number of something masculine in French: dinars, euros, centimes.
 * @remarks Plural from two on ("zéro dinar"); after a bare million, "de": un million de dinars.
 */
function frenchCount(value: number, noun: string): Pieces {
  const needsOf = value > 0 && value % 1_000_000 === 0;
  return [...frenchNumber(value), `${noun}-${needsOf ? 'of' : value >= 2 ? 'many' : 'one'}`];
}

/** An amount in French: deux cents dinars et cinquante centimes. */
export function frenchMoney(major: number, minor: number, currency: string): Pieces {
  const minorPieces = minor > 0 ? frenchCount(minor, `${currency}-minor`) : [];
  if (major === 0 && minor > 0) return minorPieces;
  return [...frenchCount(major, currency), ...(minor > 0 ? ['and'] : []), ...minorPieces];
}

/** A date in French: le premier janvier deux mille vingt-six. */
export function frenchDate(day: number, month: number, year: number): Pieces {
  return [`day-${day}`, `month-${month}`, ...frenchNumber(year)];
}
