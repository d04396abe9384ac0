import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { AppError } from '../../server/base/app-error.ts';
import { sayDuration, sayDurationRange } from '../../server/media/say/say-duration.ts';
import { LANGUAGES, type Language } from '../../server/model/language.ts';
import { loadManifest, spokenText } from './spoken-text.ts';

let manifest: PromptManifest;
before(async () => { manifest = await loadManifest(); });

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `1h5m` in milliseconds. */
function ms(text: string): number {
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce((sum, [, figure, unit]) => sum + Number(figure) * UNITS_MS[unit as keyof typeof UNITS_MS], 0);
}

const DURATIONS: Readonly<Record<Language, readonly (readonly [string, string])[]>> = {
  fr: [
    ['0s', 'zéro seconde'], ['1s', 'une seconde'], ['21s', 'vingt et une secondes'], ['1m', 'une minute'], ['2h5m', 'deux heures et cinq minutes'],
    ['1h1m', 'une heure et une minute'], ['21h', 'vingt et une heures'], ['1d2h', 'un jour et deux heures'], ['81d', 'quatre-vingt-un jours'],
    ['3m30s', 'trois minutes et trente secondes'],
  ],
  ar: [
    ['0s', 'صفر ثانية'], ['1s', 'ثانية واحدة'], ['2s', 'ثانيتان'], ['1m', 'دقيقة واحدة'], ['2m', 'دقيقتان'], ['3m', 'ثلاث دقائق'], ['10m', 'عشر دقائق'],
    ['11m', 'إحدى عشرة دقيقة'], ['12m', 'اثنتا عشرة دقيقة'], ['21m', 'إحدى وعشرون دقيقة'], ['22m', 'اثنتان وعشرون دقيقة'], ['2h5m', 'ساعتان وخمس دقائق'],
    ['1h1m', 'ساعة واحدة ودقيقة واحدة'], ['3h2m', 'ثلاث ساعات ودقيقتان'], ['12h', 'اثنتا عشرة ساعة'], ['1d1h', 'يوم واحد وساعة واحدة'], ['2d', 'يومان'],
    ['3d8h', 'ثلاثة أيام وثماني ساعات'], ['11d', 'أحد عشر يوما'], ['21d', 'واحد وعشرون يوما'],
  ],
  en: [
    ['0s', 'zero seconds'], ['1s', 'one second'], ['1m', 'one minute'], ['2h5m', 'two hours and five minutes'], ['1d2h', 'one day and two hours'],
    ['1m30s', 'one minute and thirty seconds'],
  ],
};

const RANGES: Readonly<Record<Language, readonly (readonly [string, string, string])[]>> = {
  fr: [
    ['2m', '4m', 'entre deux et quatre minutes'], ['1m', '2m', 'entre une et deux minutes'], ['21m', '30m', 'entre vingt et une et trente minutes'],
    ['1h', '2h', 'entre une et deux heures'], ['45m', '1h', 'entre quarante-cinq minutes et une heure'],
    ['1h5m', '2h', 'entre une heure cinq minutes et deux heures'], ['0s', '2m', 'moins de deux minutes'], ['0s', '1m', "moins d'une minute"],
    ['0s', '1h', "moins d'une heure"], ['0s', '1h30m', "moins d'une heure et trente minutes"], ['0s', '1d', "moins d'un jour"], ['0s', '11m', 'moins de onze minutes'],
    ['5m', '5m', 'cinq minutes'],
  ],
  ar: [
    ['2m', '4m', 'ما بين دقيقتين وأربع دقائق'], ['1m', '2m', 'ما بين دقيقة واحدة ودقيقتين'], ['3m', '12m', 'ما بين ثلاث دقائق واثنتي عشرة دقيقة'],
    ['10m', '20m', 'ما بين عشر دقائق وعشرين دقيقة'], ['21m', '22m', 'ما بين إحدى وعشرين دقيقة واثنتين وعشرين دقيقة'], ['45m', '1h', 'ما بين خمس وأربعين دقيقة وساعة واحدة'],
    ['2h', '3h', 'ما بين ساعتين وثلاث ساعات'], ['2d', '3d', 'ما بين يومين وثلاثة أيام'], ['12d', '25d', 'ما بين اثني عشر يوما وخمسة وعشرين يوما'],
    ['0s', '2m', 'أقل من دقيقتين'], ['5m', '5m', 'خمس دقائق'],
  ],
  en: [
    ['2m', '4m', 'between two and four minutes'], ['45m', '1h', 'between forty-five minutes and one hour'], ['0s', '2m', 'less than two minutes'],
    ['1h5m', '2h', 'between one hour five minutes and two hours'], ['5m', '5m', 'five minutes'],
  ],
};

describe('sayDuration', () => {
  for (const language of LANGUAGES) {
    for (const [duration, text] of DURATIONS[language]) {
      it(`says ${duration} as "${text}" (${language})`, () => assert.equal(spokenText(manifest, sayDuration(ms(duration), language)), text));
    }
  }

  it('says the largest unit and the next, rounded', () => {
    const said = (duration: number): string => spokenText(manifest, sayDuration(duration, 'en'));
    assert.equal(said(499), 'zero seconds');
    assert.equal(said(1_499), 'one second');
    assert.equal(said(ms('59m59s') + 600), 'one hour');
    assert.equal(said(ms('2h5m29s')), 'two hours and five minutes');
    assert.equal(said(ms('2h5m31s')), 'two hours and six minutes');
    assert.equal(said(ms('23h59m45s')), 'one day');
    assert.equal(said(ms('1d20m')), 'one day');
    assert.equal(said(ms('99d23h59m')), 'ninety-nine days and twenty-three hours');
  });

  it('refuses what is no duration, and what nobody waits', () => {
    for (const duration of [-1, Number.NaN, Number.POSITIVE_INFINITY, ms('100d')]) {
      assert.throws(() => sayDuration(duration, 'fr'), (error) => error instanceof AppError && error.code === 'say.out-of-range');
    }
  });
});

describe('sayDurationRange', () => {
  for (const language of LANGUAGES) {
    for (const [from, to, text] of RANGES[language]) {
      it(`says ${from} to ${to} as "${text}" (${language})`, () => {
        assert.equal(spokenText(manifest, sayDurationRange({ fromMs: ms(from), toMs: ms(to) }, language)), text);
      });
    }

    it(`has pieces for every range (property, ${language})`, () => {
      const duration = fc.oneof(...[60_000, 3_600_000, ms('99d')].map((max) => fc.integer({ min: 0, max })));
      fc.assert(fc.property(duration, duration, (one, other) => {
        const range = { fromMs: Math.min(one, other), toMs: Math.max(one, other) };
        assert.notEqual(spokenText(manifest, sayDurationRange(range, language)), '');
      }), { numRuns: 3_000 });
    });

    it(`has pieces for every pair of minutes (${language})`, () => {
      for (let from = 0; from < 60; from += 1) {
        for (let to = from; to < 60; to += 1) {
          assert.notEqual(spokenText(manifest, sayDurationRange({ fromMs: from * 60_000, toMs: to * 60_000 }, language)), '');
        }
      }
    });
  }

  it('says one duration where both ends sound the same', () => {
    assert.equal(spokenText(manifest, sayDurationRange({ fromMs: 120_100, toMs: 120_400 }, 'en')), 'two minutes');
  });

  it('refuses a range that ends before it begins', () => {
    assert.throws(() => sayDurationRange({ fromMs: 2, toMs: 1 }, 'fr'), (error) => error instanceof AppError && error.code === 'say.out-of-range');
  });
});
