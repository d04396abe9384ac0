import type { Counted, Noun } from './nouns.ts';
import type { Pieces } from './pieces.ts';

/** What a language that says a common noun only once must know. */
export interface ElidingWords {
  /** The number alone, agreeing with the noun that is left out. */
  readonly number: (value: number, noun: Noun) => Pieces;
  readonly count: (value: number, noun: Noun) => Pieces;
}

/**
 * "Between two and four minutes": the noun is said once when both ends have it alone. A compound end
 * is said without its own "and" (one hour five minutes), or the listener would lose the one between the ends.
 */
export function elidedRange(words: ElidingWords, from: readonly Counted[], to: readonly Counted[]): Pieces {
  const [first] = from;
  const isOneNoun = from.length === 1 && to.length === 1 && first !== undefined && first.noun === to[0]?.noun;
  const plain = (parts: readonly Counted[]): Pieces => parts.flatMap(({ value, noun }) => words.count(value, noun));
  return ['between', ...(isOneNoun ? words.number(first.value, first.noun) : plain(from)), 'and', ...plain(to)];
}
