import type { Pieces } from '../pieces.ts';
import { frenchNumber } from './number.ts';

/**
 * A run of a telephone number's digits in French: up to three are one number after their zeros (zéro
 * vingt et un), longer runs are said by two, with three in front where the length is odd.
 */
export function frenchDigitGroups(digits: string): readonly Pieces[] {
  return splitByTwo(digits).map((group) => {
    const zeros = /^0*/.exec(group)?.[0].length ?? 0;
    const rest = group.slice(zeros);
    return [...Array.from({ length: zeros }, () => 'n-0'), ...(rest === '' ? [] : frenchNumber(Number(rest)))];
  });
}

function splitByTwo(digits: string): readonly string[] {
  if (digits.length <= 3) return [digits];
  const head = digits.length % 2 === 0 ? 2 : 3;
  return [digits.slice(0, head), ...(digits.slice(head).match(/../g) ?? [])];
}
