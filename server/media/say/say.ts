import { AppError } from '../../base/app-error.ts';
import type { EpochMs } from '../../base/time.ts';
import type { AudioSource } from '../../model/audio.ts';
import type { Money } from '../../model/customer-file.ts';
import type { Language } from '../../model/language.ts';
import { zonedMoment } from './calendar.ts';
import { CURRENCIES } from './currencies.ts';
import type { ClockStyle } from './grammar.ts';
import { GRAMMARS } from './grammars.ts';
import { assertSayable, toSources } from './pieces.ts';

/**
 * Says a whole number, as one counts.
 * @param value - −999,999,999 to 999,999,999; below zero with "minus" in front.
 * @throws AppError `say.out-of-range`.
 */
export function sayNumber(value: number, language: Language): readonly AudioSource[] {
  const size = Math.abs(value);
  assertSayable(size);
  return toSources([...(value < 0 ? ['minus'] : []), ...GRAMMARS[language].number(size)], language);
}

/**
 * Says an amount with its currency; nothing is said of zero centimes.
 * @remarks A negative amount is refused: a credit needs a sentence of its own, not a minus that is easily missed.
 * @throws AppError `say.unknown-currency`, or `say.out-of-range` for a negative or huge amount.
 */
export function sayMoney(money: Money, language: Language): readonly AudioSource[] {
  const currency = CURRENCIES.get(money.currency);
  if (currency === undefined) {
    throw new AppError({
      code: 'say.unknown-currency', category: 'config',
      message: `there are no recorded pieces for the currency ${money.currency}`, details: { currency: money.currency },
    });
  }
  const minor = money.minor % currency.minorPerMajor;
  const major = (money.minor - minor) / currency.minorPerMajor;
  assertSayable(minor);
  assertSayable(major);
  const parts = [
    ...(major > 0 || minor === 0 ? [{ value: major, noun: currency.major }] : []),
    ...(minor > 0 ? [{ value: minor, noun: currency.minor }] : []),
  ];
  return toSources(GRAMMARS[language].sum(parts), language);
}

/**
 * Says the day, month and year of an instant, by the Gregorian calendar of a time zone.
 * @param timeZone - IANA name, for instance `Africa/Algiers`.
 * @param naming - whether the day of the week comes first, as for an appointment.
 * @throws RangeError for an unknown time zone or an instant that no calendar has.
 */
export function sayDate(at: EpochMs, timeZone: string, language: Language, naming = { weekday: false }): readonly AudioSource[] {
  return toSources(GRAMMARS[language].date(zonedMoment(at, timeZone).date, naming), language);
}

/**
 * Says the time of day of an instant, to the minute that has begun.
 * @param timeZone - IANA name.
 * @throws RangeError for an unknown time zone.
 */
export function sayTime(at: EpochMs, timeZone: string, language: Language, style: ClockStyle = '24-hour'): readonly AudioSource[] {
  return toSources(GRAMMARS[language].time[style](zonedMoment(at, timeZone).time), language);
}
