import assert from 'node:assert/strict';
import type { Language } from '../../server/model/language.ts';
import { formatClock } from '../../softphone/format/clock.ts';
import { createFormats, type Formats } from '../../softphone/format/formats.ts';
import { formatPhoneNumber } from '../../softphone/format/phone-number.ts';
import { createTexts, translateWith } from '../../softphone/i18n/translate.ts';

const formatsOf = (language: Language): Formats => createFormats(language, translateWith(createTexts(language), language));
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ').replace(/[\u200e\u200f]/g, '');

describe('the formats', () => {
  it('write dinars by locale, from centimes', () => {
    assert.equal(plain(formatsOf('fr').money({ minor: 1_234_550, currency: 'DZD' })), '12 345,50 DZD');
    assert.equal(plain(formatsOf('en').money({ minor: 1_234_550, currency: 'DZD' })), 'DZD 12,345.50');
    assert.match(plain(formatsOf('ar').money({ minor: 1_234_550, currency: 'DZD' })), /^12\.345,50 د\.ج\.$/);
  });

  it('know currencies without minor digits and with three (ISO 4217)', () => {
    assert.equal(plain(formatsOf('en').money({ minor: 500, currency: 'JPY' })), 'JP¥500');
    assert.equal(plain(formatsOf('en').money({ minor: 1_500, currency: 'TND' })), 'TND 1.500');
  });

  it('write times in the user\'s zone, with 24 hours in every language', () => {
    const afternoon = new Date(2026, 10, 21, 14, 5, 9).getTime();
    for (const language of ['fr', 'ar', 'en'] as const) assert.match(formatsOf(language).time(afternoon), /^14:05:09$/);
  });

  it('say spans in the largest units that matter', () => {
    const formats = formatsOf('en');
    const span = (ms: number): string => formats.span(ms);
    assert.deepEqual([0, 41_600, 60_000, 90_000, 59 * 60_000 + 30_000, 3_600_000 * 2 + 300_000].map(span), ['0 s', '42 s', '1 min', '1 min 30 s', '59 min', '2 h 5 min']);
    assert.equal(span(-5), '0 s');
  });
});

describe('the clock', () => {
  it('shows minutes and seconds, hours when there are any, and never less than zero', () => {
    assert.deepEqual([0, 7_900, 760_000, 3_723_000, -4].map(formatClock), ['0:00', '0:07', '12:40', '1:02:03', '0:00']);
  });
});

describe('a telephone number', () => {
  it('is grouped as people read it, by country and kind of line', () => {
    assert.equal(formatPhoneNumber('+213550123456'), '+213 550 12 34 56');
    assert.equal(formatPhoneNumber('+21321654321'), '+213 21 65 43 21');
    assert.equal(formatPhoneNumber('+33142345678'), '+33 1 42 34 56 78');
  });

  it('stays as it is when its form is not known', () => {
    for (const number of ['+4930123456', '+2135', 'anonymous', '1000', '']) assert.equal(formatPhoneNumber(number), number);
  });
});
