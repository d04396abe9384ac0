import type { Noun } from '../nouns.ts';
import { groupsOf, type Pieces } from '../pieces.ts';

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
export function englishCount(value: number, noun: Noun): Pieces {
  return [...englishNumber(value), `${noun.id}-${value === 1 ? 'one' : 'many'}`];
}
