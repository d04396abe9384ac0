import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { AppError } from '../../server/base/app-error.ts';
import { epochMs } from '../../server/base/time.ts';
import { LANGUAGES, type Language } from '../../server/model/language.ts';
import { sayDate, sayMoney } from '../../server/media/say/say.ts';
import { loadManifest, spokenText } from './spoken-text.ts';

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

      it('has pieces for every amount in both currencies', () => {
        const amount = fc.oneof(fc.integer({ min: 0, max: 250_000 }), fc.integer({ min: 0, max: 99_999_999_999 }));
        fc.assert(fc.property(amount, fc.constantFrom('DZD', 'EUR'), (minor, currency) => {
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

  it('says the day, the month and the year as each language does', () => {
    assert.equal(spokenText(manifest, sayDate(at('2026-06-05T12:00Z'), ZONE, 'fr')), 'le cinq juin deux mille vingt-six');
    assert.equal(spokenText(manifest, sayDate(at('2026-08-01T12:00Z'), ZONE, 'fr')), 'le premier août deux mille vingt-six');
    assert.equal(spokenText(manifest, sayDate(at('2026-06-05T12:00Z'), ZONE, 'ar')), 'الخامس من جوان سنة ألفين وستة وعشرين');
    assert.equal(spokenText(manifest, sayDate(at('2027-01-21T12:00Z'), ZONE, 'ar')), 'الحادي والعشرون من جانفي سنة ألفين وسبعة وعشرين');
    assert.equal(spokenText(manifest, sayDate(at('2026-06-05T12:00Z'), ZONE, 'en')), 'the fifth of June twenty twenty-six');
  });

  it('takes the day of the time zone, not of Greenwich', () => {
    assert.equal(spokenText(manifest, sayDate(at('2026-12-31T23:30Z'), ZONE, 'en')), 'the first of January twenty twenty-seven');
    assert.equal(spokenText(manifest, sayDate(at('2026-12-31T23:30Z'), 'UTC', 'en')), 'the thirty-first of December twenty twenty-six');
  });

  it('reads years outside the recorded ones as numbers', () => {
    assert.equal(spokenText(manifest, sayDate(at('1999-07-14T12:00Z'), ZONE, 'ar')), 'الرابع عشر من جويلية سنة ألف وتسعمئة وتسعة وتسعون');
    assert.equal(spokenText(manifest, sayDate(at('2005-07-14T12:00Z'), ZONE, 'en')), 'the fourteenth of July two thousand and five');
  });

  it('has pieces for every day from 1970 to 2100', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: Date.UTC(2100, 11, 31) }), fc.constantFrom(...LANGUAGES), (ms, language) => {
      assert.notEqual(spokenText(manifest, sayDate(epochMs(ms), ZONE, language)), '');
    }), { numRuns: 1_000 });
  });

  it('uses the names of months that Algeria uses', () => {
    const months = Array.from({ length: 12 }, (_, month) => spokenText(manifest, [{ kind: 'prompt', language: 'ar', id: `month-${month + 1}` }]));
    assert.equal(months.join('، '), 'جانفي، فيفري، مارس، أفريل، ماي، جوان، جويلية، أوت، سبتمبر، أكتوبر، نوفمبر، ديسمبر');
  });
});

describe('the pieces of the manifest', () => {
  it('are all vocalised in Arabic, or a speech engine swallows their vowels', () => {
    for (const [id, text] of Object.entries(manifest.pieces.ar)) assert.match(text, /[\u064b-\u0652]/, id);
  });
});
