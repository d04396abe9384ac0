import type { EpochMs } from '../../base/time.ts';

/** A day of the Gregorian calendar. */
export interface CalendarDay {
  readonly day: number;
  /** 1 to 12. */
  readonly month: number;
  readonly year: number;
  /** 1 for Monday to 7 for Sunday (ISO 8601). */
  readonly weekday: number;
}

/** A time of day to the minute. */
export interface ClockTime {
  /** 0 to 23. */
  readonly hour: number;
  readonly minute: number;
}

/** What calendar and clock of a time zone show at an instant. */
export interface ZonedMoment {
  readonly date: CalendarDay;
  readonly time: ClockTime;
}

/**
 * Reads calendar and clock of a time zone.
 * @param timeZone - IANA name, for instance `Africa/Algiers`.
 * @throws RangeError for an unknown time zone.
 */
export function zonedMoment(at: EpochMs, timeZone: string): ZonedMoment {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23',
    day: 'numeric', month: 'numeric', year: 'numeric', hour: 'numeric', minute: 'numeric',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((one) => one.type === type)?.value);
  const [day, month, year] = [part('day'), part('month'), part('year')];
  // Sunday is 0 to JavaScript and 7 to the calendar on the wall.
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
  return { date: { day, month, year, weekday }, time: { hour: part('hour'), minute: part('minute') } };
}
