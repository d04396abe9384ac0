import type { CalendarDay, ClockTime } from '../calendar.ts';
import { daypart } from '../daypart.ts';
import type { Pieces } from '../pieces.ts';
import { frenchNumber } from './number.ts';

/** A date in French: le premier janvier deux mille vingt-six, le vendredi cinq juin deux mille vingt-six. */
export function frenchDate({ day, month, year, weekday }: CalendarDay, naming: { readonly weekday: boolean }): Pieces {
  const dayPieces = naming.weekday ? [`weekday-${weekday}`, day === 1 ? 'first' : `n-${day}`] : [`day-${day}`];
  return [...dayPieces, `month-${month}`, ...frenchNumber(year)];
}

/** A time by the 24-hour clock: quatorze heures trente, zéro heure une (minutes are feminine too). */
export function frenchTime({ hour, minute }: ClockTime): Pieces {
  return [`hour-${hour}`, ...(minute > 0 ? frenchNumber(minute, 'feminine') : [])];
}

/**
 * A time as people say it: deux heures et demie de l'après-midi, midi moins le quart.
 * @remarks In the second half of an hour, the fives count down to the next one; other minutes are plain.
 */
export function frenchSpokenTime({ hour, minute }: ClockTime): Pieces {
  const countsDown = minute > 30 && minute % 5 === 0;
  const named = countsDown ? (hour + 1) % 24 : hour;
  const part = daypart(named);
  return [nameHour(named), ...sayMinutes(minute, countsDown, part === undefined), ...(part ? [part] : [])];
}

const nameHour = (hour: number): string => (hour === 0 ? 'midnight' : hour === 12 ? 'noon' : `hour-${hour % 12}`);

function sayMinutes(minute: number, countsDown: boolean, isAfterName: boolean): Pieces {
  if (minute === 0) return [];
  if (minute === 15) return ['quarter-past'];
  // "Midi" and "minuit" are masculine: midi et demi.
  if (minute === 30) return [isAfterName ? 'half-past-masculine' : 'half-past'];
  if (minute === 45) return ['quarter-to'];
  return countsDown ? ['minus', ...frenchNumber(60 - minute)] : frenchNumber(minute, 'feminine');
}
