import type { CalendarDay, ClockTime } from '../calendar.ts';
import { daypart } from '../daypart.ts';
import { NOUNS } from '../nouns.ts';
import type { Pieces } from '../pieces.ts';
import { englishCount, englishNumber } from './number.ts';

/** A date in British English: the fifth of June twenty twenty-six, Friday the fifth of June twenty twenty-six. */
export function englishDate({ day, month, year, weekday }: CalendarDay, naming: { readonly weekday: boolean }): Pieces {
  return [...(naming.weekday ? [`weekday-${weekday}`] : []), `day-${day}`, `month-${month}`, ...englishYear(year)];
}

/** Years are read in pairs (nineteen ninety-nine, nineteen oh five, nineteen hundred), except at the turn of a millennium. */
function englishYear(year: number): Pieces {
  const century = Math.floor(year / 100);
  const rest = year % 100;
  if (year < 1_000 || year > 9_999 || (century % 10 === 0 && rest < 10)) return englishNumber(year);
  if (rest === 0) return [`n-${century}`, 'hundred'];
  return [`n-${century}`, ...(rest < 10 ? ['oh'] : []), `n-${rest}`];
}

/** A time by the 24-hour clock, two figures each: fourteen thirty, zero eight zero five, fourteen hundred hours. */
export function englishTime({ hour, minute }: ClockTime): Pieces {
  return [...twoFigures(hour), ...(minute === 0 ? ['hundred', 'hour-many'] : twoFigures(minute))];
}

const twoFigures = (value: number): Pieces => (value < 10 ? ['n-0', `n-${value}`] : [`n-${value}`]);

/**
 * A time as people say it: half past two in the afternoon, twelve minutes to nine in the evening.
 * @remarks After the half, minutes count down to the next hour; only fives go without the word "minutes".
 */
export function englishSpokenTime({ hour, minute }: ClockTime): Pieces {
  const named = minute > 30 ? (hour + 1) % 24 : hour;
  const part = daypart(named);
  if (part === undefined) return [...sayMinutes(minute), named === 0 ? 'midnight' : 'noon'];
  return [...sayMinutes(minute), `n-${named % 12}`, ...(minute === 0 ? ['o-clock'] : []), part];
}

function sayMinutes(minute: number): Pieces {
  if (minute === 0) return [];
  if (minute === 15) return ['quarter-past'];
  if (minute === 30) return ['half-past'];
  if (minute === 45) return ['quarter-to'];
  const distance = minute > 30 ? 60 - minute : minute;
  const figure = distance % 5 === 0 ? englishNumber(distance) : englishCount(distance, NOUNS.minute);
  return [...figure, minute > 30 ? 'to' : 'past'];
}
