import { delay } from '../../../../server/base/deadline.ts';

/**
 * Begins work at given moments, whatever became of the work before.
 * @param momentsMs - from now, ascending.
 * @returns how long it took until the last one was begun, in milliseconds.
 */
export async function beginAt(momentsMs: readonly number[], begin: (index: number) => void): Promise<number> {
  const from = performance.now();
  for (const [index, moment] of momentsMs.entries()) {
    const waitMs = from + moment - performance.now();
    if (waitMs > 0) await delay(waitMs);
    begin(index);
  }
  return performance.now() - from;
}

/** The moments of a fixed rate. @param at - where in its slot a moment is, 0 to 1; default at its start. */
export const momentsOf = (rate: number, count: number, at: () => number = () => 0): readonly number[] =>
  Array.from({ length: count }, (_, n) => ((n + at()) * 1000) / rate);
