import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { AppError } from '../../server/base/app-error.ts';
import { epochMs } from '../../server/base/time.ts';
import { LANGUAGES, type Language } from '../../server/model/language.ts';
import { CURRENCIES } from '../../server/media/say/currencies.ts';
import { GRAMMARS } from '../../server/media/say/grammars.ts';
import { sayDate, sayMoney } from '../../server/media/say/say.ts';
import { loadManifest, pieceTexts, spokenText } from './spoken-text.ts';

let manifest: PromptManifest;
before(async () => { manifest = await loadManifest(); });

const ZONE = 'Africa/Algiers';

const DINARS: Readonly<Record<Language, readonly (readonly [number, string])[]>> = {
  fr: [
    [0, 'zéro dinar'], [1, 'un centime'], [50, 'cinquante centimes'], [100, 'un dinar'], [150, 'un dinar et cinquante centimes'],
    [200, 'deux dinars'], [20_000, 'deux cents dinars'], [1_250_000, 'douze mille cinq cents dinars'],
    [100_000_000, 'un million de dinars'], [200_000_000, 'deux millions de dinars'], [100_000_100, 'un million un dinars'],
  ],
  ar: [
    [0, 'صفر دينار'], [1, 'سنتيم واحد'], [2, 'سنتيمان'], [300, 'ثلاثة دنانير'], [1_000, 'عشرة دنانير'], [1_100, 'أحد عشر دينارا'],
    [9_900, 'تسعة وتسعون دينارا'], [100, 'دينار واحد'], [200, 'ديناران'], [10_000, 'مئة دينار'], [10_100, 'مئة دينار ودينار واحد'],
    [10_200, 'مئة دينار وديناران'], [10_300, 'مئة وثلاثة دنانير'], [20_000, 'مئتا دينار'], [120_000, 'ألف ومئتا دينار'], [200_000, 'ألفا دينار'],
    [1_100_000, 'أحد عشر ألف دينار'], [1_150_000, 'أحد عشر ألفا وخمسمئة دينار'], [123_405, 'ألف ومئتان وأربعة وثلاثون دينارا وخمسة سنتيمات'],
    [101, 'دينار واحد وسنتيم واحد'], [100_000_000, 'مليون دينار'], [200_000_000, 'مليونا دينار'],
  ],
  en: [
    [0, 'zero dinars'], [1, 'one centime'], [100, 'one dinar'], [250, 'two dinars and fifty centimes'],
    [1_250_000, 'twelve thousand five hundred dinars'], [10_100, 'one hundred and one dinars'],
  ],
};

describe('sayMoney', () => {
  for (const language of LANGUAGES) {
    describe(`given ${language}`, () => {
      for (const [minor, text] of DINARS[language]) {
        it(`says ${minor} centimes of a dinar as "${text}"`, () =>
          assert.equal(spokenText(manifest, sayMoney({ minor, currency: 'DZD' }, language)), text));
      }

      it('has pieces for every amount in every currency (property)', () => {
        const amount = fc.oneof(fc.integer({ min: 0, max: 250_000 }), fc.integer({ min: 0, max: 99_999_999_999 }));
        fc.assert(fc.property(amount, fc.constantFrom(...CURRENCIES.keys()), (minor, currency) => {
          assert.notEqual(spokenText(manifest, sayMoney({ minor, currency }, language)), '');
        }), { numRuns: 2_000 });
      });
    });
  }

  it('says euros', () => {
    assert.equal(spokenText(manifest, sayMoney({ minor: 100_000_000, currency: 'EUR' }, 'fr')), "un million d'euros");
    assert.equal(spokenText(manifest, sayMoney({ minor: 305, currency: 'EUR' }, 'en')), 'three euros and five cents');
    assert.equal(spokenText(manifest, sayMoney({ minor: 1_100, currency: 'EUR' }, 'ar')), 'أحد عشر يورو');
  });

  it('says the thousandths of a Tunisian dinar', () => {
    assert.equal(spokenText(manifest, sayMoney({ minor: 12_500, currency: 'TND' }, 'fr')), 'douze dinars et cinq cents millimes');
    assert.equal(spokenText(manifest, sayMoney({ minor: 1_001, currency: 'TND' }, 'en')), 'one dinar and one millime');
    assert.equal(spokenText(manifest, sayMoney({ minor: 3_900, currency: 'TND' }, 'ar')), 'ثلاثة دنانير وتسعمئة مليم');
    assert.equal(spokenText(manifest, sayMoney({ minor: 2_002, currency: 'TND' }, 'ar')), 'ديناران ومليمان');
  });

  it('refuses a currency without pieces, and amounts that nobody owes', () => {
    const code = (wanted: string) => (error: unknown): boolean => error instanceof AppError && error.code === wanted;
    assert.throws(() => sayMoney({ minor: 1, currency: 'USD' }, 'fr'), code('say.unknown-currency'));
    assert.throws(() => sayMoney({ minor: 1, currency: 'toString' }, 'fr'), code('say.unknown-currency'));
    assert.throws(() => sayMoney({ minor: -150, currency: 'DZD' }, 'fr'), code('say.out-of-range'));
    assert.throws(() => sayMoney({ minor: 0.5, currency: 'DZD' }, 'fr'), code('say.out-of-range'));
    assert.throws(() => sayMoney({ minor: 100_000_000_000, currency: 'DZD' }, 'fr'), code('say.out-of-range'));
  });
});

describe('sayDate', () => {
  const at = (iso: string) => epochMs(Date.parse(iso));
  const said = (iso: string, language: Language): string => spokenText(manifest, sayDate(at(iso), ZONE, language));

  it('says the day, the month and the year as each language does', () => {
    assert.equal(said('2026-06-05T12:00Z', 'fr'), 'le cinq juin deux mille vingt-six');
    assert.equal(said('2026-08-01T12:00Z', 'fr'), 'le premier août deux mille vingt-six');
    assert.equal(said('2026-06-05T12:00Z', 'ar'), 'الخامس من جوان عام ألفين وستة وعشرين');
    assert.equal(said('2027-01-21T12:00Z', 'ar'), 'الحادي والعشرون من جانفي عام ألفين وسبعة وعشرين');
    assert.equal(said('2026-06-05T12:00Z', 'en'), 'the fifth of June twenty twenty-six');
  });

  it('says the day of the week where it is asked for', () => {
    const withWeekday = (iso: string, language: Language): string => spokenText(manifest, sayDate(at(iso), ZONE, language, { weekday: true }));
    assert.equal(withWeekday('2026-06-05T12:00Z', 'fr'), 'le vendredi cinq juin deux mille vingt-six');
    assert.equal(withWeekday('2026-05-01T12:00Z', 'fr'), 'le vendredi premier mai deux mille vingt-six');
    assert.equal(withWeekday('2026-06-07T12:00Z', 'fr'), 'le dimanche sept juin deux mille vingt-six');
    assert.equal(withWeekday('2026-06-08T12:00Z', 'ar'), 'يوم الإثنين الثامن من جوان عام ألفين وستة وعشرين');
    assert.equal(withWeekday('2026-06-05T12:00Z', 'en'), 'Friday the fifth of June twenty twenty-six');
  });

  it('takes the day of the time zone, not of Greenwich', () => {
    assert.equal(said('2026-12-31T23:30Z', 'en'), 'the first of January twenty twenty-seven');
    assert.equal(spokenText(manifest, sayDate(at('2026-12-31T23:30Z'), 'UTC', 'en')), 'the thirty-first of December twenty twenty-six');
  });

  const YEARS: Readonly<Record<Language, readonly (readonly [number, string])[]>> = {
    fr: [[1970, 'mille neuf cent soixante-dix'], [1999, 'mille neuf cent quatre-vingt-dix-neuf'], [2000, 'deux mille'], [2080, 'deux mille quatre-vingts']],
    ar: [
      [1962, 'ألف وتسعمئة واثنين وستين'], [1999, 'ألف وتسعمئة وتسعة وتسعين'], [2000, 'ألفين'], [2012, 'ألفين واثني عشر'], [2020, 'ألفين وعشرين'],
      [2031, 'ألفين وواحد وثلاثين'], [2200, 'ألفين ومئتين'], [3000, 'ثلاثة آلاف'],
    ],
    en: [
      [1066, 'ten sixty-six'], [1900, 'nineteen hundred'], [1905, 'nineteen oh five'], [1999, 'nineteen ninety-nine'], [2000, 'two thousand'],
      [2005, 'two thousand and five'], [2010, 'twenty ten'], [2100, 'twenty-one hundred'],
    ],
  };
  for (const language of LANGUAGES) {
    for (const [year, text] of YEARS[language]) {
      it(`says the year ${year} as "${text}" (${language})`, () => {
        assert.ok(said(`${year}-07-14T12:00Z`, language).endsWith(` ${text}`), said(`${year}-07-14T12:00Z`, language));
      });
    }

    it(`has pieces for every year from 1 to 9999 and every day (${language})`, () => {
      const textOf = pieceTexts(manifest, language);
      for (let year = 1; year <= 9_999; year += 1) {
        const day = { day: (year % 31) + 1, month: (year % 12) + 1, year, weekday: (year % 7) + 1 };
        assert.notEqual(textOf(GRAMMARS[language].date(day, { weekday: year % 2 === 0 })), '');
      }
    });
  }

  it('uses the names of months that Algeria uses', () => {
    const months = Array.from({ length: 12 }, (_, month) => spokenText(manifest, [{ kind: 'prompt', language: 'ar', id: `month-${month + 1}` }]));
    assert.equal(months.join('، '), 'جانفي، فيفري، مارس، أفريل، ماي، جوان، جويلية، أوت، سبتمبر، أكتوبر، نوفمبر، ديسمبر');
  });
});
