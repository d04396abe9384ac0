import type { Milliseconds } from '../base/time.ts';
import type { QueuePolicy } from '../model/centre.ts';
import type { QueueExit } from '../model/interaction.ts';

/** The counts of one queue since midnight. */
export interface QueueFigures {
  readonly entered: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly answeredInTime: number;
  readonly abandonedLate: number;
}

/** Nobody yet today. */
export const NO_FIGURES: QueueFigures = { entered: 0, answered: 0, abandoned: 0, answeredInTime: 0, abandonedLate: 0 };

/**
 * Counts one stay that is over. Stays that ended otherwise (no agent, system, interrupted)
 * were neither answered nor given up, and are in no service level.
 * @param waitedMs - from entering the queue to leaving it.
 */
export function countExit(figures: QueueFigures, exit: QueueExit, waitedMs: Milliseconds, thresholdMs: Milliseconds): QueueFigures {
  const inTime = waitedMs <= thresholdMs;
  if (exit === 'answered') {
    return { ...figures, answered: figures.answered + 1, answeredInTime: figures.answeredInTime + (inTime ? 1 : 0) };
  }
  if (exit === 'abandoned') {
    return { ...figures, abandoned: figures.abandoned + 1, abandonedLate: figures.abandonedLate + (inTime ? 0 : 1) };
  }
  return figures;
}

/**
 * The fraction of callers who were answered in time, of those who gave us the time.
 * @remarks Formula 4 of the five in ICMI QueueTips, "Service Level Calculations" (2002):
 *   answered within T / (answered + abandoned after T). Whoever hangs up before T neither
 *   helps nor harms: nobody had the chance to answer in time.
 * @returns 0 to 1; `undefined` before the first call that counts.
 */
export function serviceLevelOf({ answered, answeredInTime, abandonedLate }: QueueFigures): number | undefined {
  const counted = answered + abandonedLate;
  return counted === 0 ? undefined : answeredInTime / counted;
}

/** The formula with its numbers, as the wallboard names it. */
export function serviceLevelFormula({ serviceLevelThresholdMs }: QueuePolicy): string {
  const threshold = `${serviceLevelThresholdMs / 1_000} s`;
  return `answered within ${threshold} / (answered + abandoned after ${threshold})`;
}
