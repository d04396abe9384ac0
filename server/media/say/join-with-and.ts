import type { Pieces } from './pieces.ts';

/** Parts of a sum with the word "and" before the last. */
export function joinWithAnd(parts: readonly Pieces[]): Pieces {
  return parts.flatMap((part, index) => (index > 0 && index === parts.length - 1 ? ['and', ...part] : part));
}
