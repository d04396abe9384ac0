import type { CalendarDay, ClockTime } from '../calendar.ts';
import { daypart } from '../daypart.ts';
import { NOUNS } from '../nouns.ts';
import type { Pieces } from '../pieces.ts';
import { arabicCount, arabicNumber, withAnd } from './number.ts';

/** A date in Arabic, with the names of months that Algeria uses: يوم الجمعة الخامس من جوان عام ألفين وستة وعشرين. */
export function arabicDate({ day, month, year, weekday }: CalendarDay, naming: { readonly weekday: boolean }): Pieces {
  return [...(naming.weekday ? [`weekday-${weekday}`] : []), `day-${day}`, `month-${month}`, 'year', ...arabicNumber(year, 'oblique')];
}

/** A time by the 24-hour clock, hours as feminine ordinals: الساعة الرابعة عشرة وثلاثون دقيقة. */
export function arabicTime({ hour, minute }: ClockTime): Pieces {
  return [`hour-${hour}`, ...(minute > 0 ? withAnd(arabicCount(minute, NOUNS.minute)) : [])];
}

/** Minutes that are said as parts of an hour, before it or after it: إلا ربعًا, والنصف وخمس دقائق. */
const FRACTIONS: ReadonlyMap<number, Pieces> = new Map([
  [15, ['quarter-past']], [20, ['third-past']], [30, ['half-past']],
  [25, ['half-past', 'except', 'n-5-feminine', 'minute-few']], [35, ['half-past', 'wa-n-5-feminine', 'minute-few']],
  [40, ['third-to']], [45, ['quarter-to']],
  [50, ['except', 'n-10-feminine', 'minute-few']], [55, ['except', 'n-5-feminine', 'minute-few']],
]);
/** From here on the fractions count down to the next hour. */
const COUNTS_DOWN_FROM = 40;

/** A time as people say it: الساعة الثالثة إلا ربعا بعد الظهر, منتصف النهار والربع. */
export function arabicSpokenTime({ hour, minute }: ClockTime): Pieces {
  const fraction = FRACTIONS.get(minute);
  const named = fraction && minute >= COUNTS_DOWN_FROM ? (hour + 1) % 24 : hour;
  const part = daypart(named);
  const hourPiece = named === 0 ? 'midnight' : named === 12 ? 'noon' : `hour-${named % 12}`;
  const minutePieces = minute === 0 ? [] : fraction ?? withAnd(arabicCount(minute, NOUNS.minute));
  return [hourPiece, ...minutePieces, ...(part ? [part] : [])];
}
