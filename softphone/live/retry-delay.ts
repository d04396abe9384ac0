import type { Milliseconds } from '../../server/base/time.ts';

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * How long to wait before trying again: doubling, bounded, and spread, so that a thousand
 * browsers do not come back in the same instant after a restart.
 * @param attempt - 1 for the first retry.
 * @param random - 0 to 1, uniformly.
 * @returns between half and all of the doubled time.
 */
export function retryDelayMs(attempt: number, random: number): Milliseconds {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1));
  return Math.round(full / 2 + (full / 2) * random);
}
