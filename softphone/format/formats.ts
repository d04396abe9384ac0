import type { Money } from '../../server/model/customer-file.ts';
import type { Language } from '../../server/model/language.ts';
import type { Translate } from '../i18n/translate.ts';

/** Locales whose dates and digits people in the reference market read; 24 hours in all of them. */
const LOCALES: Readonly<Record<Language, string>> = { fr: 'fr-FR', ar: 'ar-DZ', en: 'en-GB' };

/** Everything that is written differently in another language; times are in the user's own zone. */
export interface Formats {
  /** `12 345,50 DZD`. */
  money(money: Money): string;
  /** `21 nov. 2026`. */
  date(at: number): string;
  /** `21 nov., 14:05`. */
  dateTime(at: number): string;
  /** `14:05:09`. */
  time(at: number): string;
  percent(fraction: number): string;
  number(value: number): string;
  /** A length of time in words: `42 s`, `1 min 30 s`, `25 min`, `2 h 5 min`. */
  span(ms: number): string;
}

/** Makes the formats of one language. */
export function createFormats(language: Language, t: Translate): Formats {
  const locale = LOCALES[language];
  const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
  const dateTime = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const number = new Intl.NumberFormat(locale);
  return {
    money: (money) => formatMoney(money, locale),
    date: (at) => date.format(at),
    dateTime: (at) => dateTime.format(at),
    time: (at) => time.format(at),
    percent: (fraction) => percent.format(fraction),
    number: (value) => number.format(value),
    span: (ms) => formatSpan(ms, t),
  };
}

/** @remarks The number of minor digits is ISO 4217's, as Intl knows it (ECMA-402). */
function formatMoney({ minor, currency }: Money, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

function formatSpan(ms: number, t: Translate): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t('unit.seconds', { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10 && seconds % 60 > 0) return t('unit.minutes-seconds', { m: minutes, s: seconds % 60 });
  if (minutes < 60) return t('unit.minutes', { n: minutes });
  return t('unit.hours', { h: Math.floor(minutes / 60), m: minutes % 60 });
}
