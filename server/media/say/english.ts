import { groupsOf, type Pieces } from './pieces.ts';

/**
 * A cardinal number in British English.
 * @remarks "And" stands before the last two digits after any larger part: one hundred and five,
 *   one thousand and five, but one thousand one hundred.
 */
export function englishNumber(value: number): Pieces {
  if (value === 0) return ['n-0'];
  const { millions, thousands, rest } = groupsOf(value);
  const larger = [
    ...(millions > 0 ? [...underThousand(millions), 'million'] : []),
    ...(thousands > 0 ? [...underThousand(thousands), 'thousand'] : []),
  ];
  const needsAnd = larger.length > 0 && rest > 0 && rest < 100;
  return [...larger, ...(needsAnd ? ['and'] : []), ...underThousand(rest)];
}

function underThousand(value: number): Pieces {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  return [
    ...(hundreds > 0 ? [`hundred-${hundreds}`] : []),
    ...(hundreds > 0 && rest > 0 ? ['and'] : []),
    ...(rest > 0 ? [`n-${rest}`] : []),
  ];
}

/** A number of something in English; only exactly one is singular. */
function englishCount(value: number, noun: string): Pieces {
  return [...englishNumber(value), `${noun}-${value === 1 ? 'one' : 'many'}`];
}

/** An amount in English: two hundred dinars and fifty centimes. */
export function englishMoney(major: number, minor: number, currency: string): Pieces {
  const minorPieces = minor > 0 ? englishCount(minor, `${currency}-minor`) : [];
  if (major === 0 && minor > 0) return minorPieces;
  return [...englishCount(major, currency), ...(minor > 0 ? ['and'] : []), ...minorPieces];
}

/** A date in British English: the fifth of June twenty twenty-six. */
export function englishDate(day: number, month: number, year: number): Pieces {
  return [`day-${day}`, `month-${month}`, ...englishYear(year)];
}

/** Years are read in pairs (nineteen ninety-nine), except in the first decade of a century. */
function englishYear(year: number): Pieces {
  const century = Math.floor(year / 100);
  const rest = year % 100;
  return year >= 1100 && year <= 9999 && rest >= 10 ? [`n-${century}`, `n-${rest}`] : englishNumber(year);
}
