import { epochMs, type EpochMs } from '../base/time.ts';

const HOUR_MS = 3_600_000;
/** Longer than any day, with whatever change of the clocks. */
const LONGEST_DAY_MS = 26 * HOUR_MS;

/** The first instant of the local day that `at` is in, and of the next. */
export interface Day {
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
}

/**
 * The local day around an instant: figures of "today" count from its start.
 * @remarks Found by search, not by arithmetic: a day has 23 or 25 hours when the clocks
 *   change, and where they change at midnight it does not begin at 00:00.
 * @param timeZone - IANA name, for instance `Africa/Algiers`.
 * @throws RangeError for an unknown zone.
 */
export function dayOf(at: EpochMs, timeZone: string): Day {
  const dates = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const dateAt = (instant: number): string => dates.format(instant);
  const today = dateAt(at);
  return {
    startsAt: firstInstant(at - LONGEST_DAY_MS, at, (instant) => dateAt(instant) === today),
    endsAt: firstInstant(at, at + LONGEST_DAY_MS, (instant) => dateAt(instant) !== today),
  };
}

/** Bisects for the instant from which `holds`: it does not at `before`, and does at `from`. */
function firstInstant(before: number, from: number, holds: (instant: number) => boolean): EpochMs {
  let low = before;
  let high = from;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return epochMs(high);
}
