import type { Pieces } from './pieces.ts';

/** Runs of more digits than this are said by three. */
const MAX_RUN = 5;

/**
 * A run of a telephone number's digits in a language that says them one by one: a group read as a number
 * ("six and fifty", "double five") is written down wrongly.
 */
export function digitsOneByOne(digits: string): readonly Pieces[] {
  const groups = digits.length > MAX_RUN ? digits.match(/.{1,3}/g) ?? [] : [digits];
  return groups.map((group) => [...group].map((digit) => `n-${digit}`));
}
