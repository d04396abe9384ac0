/** Periods of voice that are looked for: 200 to 66 Hz (ITU-T G.711 appendix I §I.2.3). */
export const MIN_PERIOD = 40;
export const MAX_PERIOD = 120;
/** What is compared: the last 20 ms with what came a period before. */
const COMPARED_SAMPLES = 160;
/** Audio that {@link findPeriod} needs before its end. */
export const SEARCHED_SAMPLES = COMPARED_SAMPLES + MAX_PERIOD;

/** How a piece of audio repeats. */
export interface Repetition {
  /** In samples; voice that does not repeat has one too, for want of a better. */
  readonly period: number;
  /** How alike two periods are: 1 is the same. */
  readonly likeness: number;
}

/**
 * Finds the period after which the last 20 ms repeat, by normalised cross-correlation: every
 * second period on every second sample first, then the neighbours of the best on all.
 * @param samples - at least {@link SEARCHED_SAMPLES} before `end`.
 */
export function findPeriod(samples: Int16Array, end: number): Repetition {
  let rough = MIN_PERIOD;
  let best = -1;
  for (let period = MIN_PERIOD; period <= MAX_PERIOD; period += 2) {
    const likeness = compare(samples, end, period, 2);
    if (likeness > best) [rough, best] = [period, likeness];
  }
  let period = rough;
  best = -1;
  for (let near = Math.max(MIN_PERIOD, rough - 1); near <= Math.min(MAX_PERIOD, rough + 1); near += 1) {
    const likeness = compare(samples, end, near, 1);
    if (likeness > best) [period, best] = [near, likeness];
  }
  return { period, likeness: best };
}

function compare(samples: Int16Array, end: number, period: number, step: number): number {
  let product = 0;
  let energy = 0;
  let energyBefore = 0;
  // The assertions of indices: the caller's piece is long enough.
  for (let i = end - COMPARED_SAMPLES; i < end; i += step) {
    const now = samples[i] as number;
    const before = samples[i - period] as number;
    product += now * before;
    energy += now * now;
    energyBefore += before * before;
  }
  const norm = Math.sqrt(energy * energyBefore);
  return norm === 0 ? 0 : product / norm;
}
