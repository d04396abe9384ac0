import { AppError } from '../../base/app-error.ts';
import type { EpochMs } from '../../base/time.ts';
import type { AudioSource } from '../../model/audio.ts';
import type { Money } from '../../model/customer-file.ts';
import type { Language } from '../../model/language.ts';
import { arabicDate, arabicMoney, arabicNumber } from './arabic.ts';
import { englishDate, englishMoney, englishNumber } from './english.ts';
import { frenchDate, frenchMoney, frenchNumber } from './french.ts';
import { assertSayable, toSources, type Pieces } from './pieces.ts';

/** What one language knows how to say; each part a whole number that is known to be in range. */
interface Grammar {
  readonly number: (value: number) => Pieces;
  readonly money: (major: number, minor: number, currency: string) => Pieces;
  readonly date: (day: number, month: number, year: number) => Pieces;
}

const GRAMMARS: Readonly<Record<Language, Grammar>> = {
  fr: { number: frenchNumber, money: frenchMoney, date: frenchDate },
  ar: { number: arabicNumber, money: arabicMoney, date: arabicDate },
  en: { number: englishNumber, money: englishMoney, date: englishDate },
};

/** Currencies that have recorded pieces: all have a hundred minor units (ISO 4217). */
const CURRENCY_PIECES: Readonly<Record<string, string>> = { DZD: 'dzd', EUR: 'eur' };
const MINOR_UNITS = 100;
const MAX_DIGITS = 32;

/**
 * Says a whole number, as one counts or before a masculine noun.
 * @param value - 0 to 999,999,999.
 * @throws AppError `say.out-of-range`.
 */
export function sayNumber(value: number, language: Language): readonly AudioSource[] {
  assertSayable(value);
  return toSources(GRAMMARS[language].number(value), language);
}

/**
 * Says an amount with its currency; nothing is said of zero centimes.
 * @throws AppError `say.unknown-currency`, or `say.out-of-range` for a negative or huge amount.
 */
export function sayMoney(money: Money, language: Language): readonly AudioSource[] {
  const currency = Object.hasOwn(CURRENCY_PIECES, money.currency) ? CURRENCY_PIECES[money.currency] : undefined;
  if (currency === undefined) {
    throw new AppError({
      code: 'say.unknown-currency', category: 'config',
      message: `there are no recorded pieces for the currency ${money.currency}`, details: { currency: money.currency },
    });
  }
  const minor = money.minor % MINOR_UNITS;
  const major = (money.minor - minor) / MINOR_UNITS;
  assertSayable(minor);
  assertSayable(major);
  return toSources(GRAMMARS[language].money(major, minor, currency), language);
}

/**
 * Says the day, month and year of an instant, by the Gregorian calendar of a time zone.
 * @param timeZone - IANA name, for instance `Africa/Algiers`.
 * @throws RangeError for an unknown time zone; AppError `say.out-of-range` before the year 1.
 */
export function sayDate(at: EpochMs, timeZone: string, language: Language): readonly AudioSource[] {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone, calendar: 'gregory', numberingSystem: 'latn', day: 'numeric', month: 'numeric', year: 'numeric',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((one) => one.type === type)?.value);
  const [day, month, year] = [part('day'), part('month'), part('year')];
  assertSayable(year);
  return toSources(GRAMMARS[language].date(day, month, year), language);
}

/**
 * Says digits one by one: a contract or telephone number. Other characters (spaces, `+`, dashes) are left out.
 * @throws AppError `say.out-of-range` for more than 32 digits.
 */
export function sayDigits(text: string, language: Language): readonly AudioSource[] {
  const digits = text.match(/[0-9]/g) ?? [];
  if (digits.length > MAX_DIGITS) {
    throw new AppError({ code: 'say.out-of-range', category: 'bug', message: `at most ${MAX_DIGITS} digits can be said` });
  }
  return toSources(digits.map((digit) => `n-${digit}`), language);
}
