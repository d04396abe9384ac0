import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { AppError } from '../../server/base/app-error.ts';
import type { AudioSource } from '../../server/model/audio.ts';
import { LANGUAGES, type Language } from '../../server/model/language.ts';
import { MAX_SAYABLE } from '../../server/media/say/pieces.ts';
import { sayDigits, sayNumber } from '../../server/media/say/say.ts';
import { loadManifest, spokenText } from './spoken-text.ts';

let manifest: PromptManifest;
before(async () => { manifest = await loadManifest(); });

const TABLES: Readonly<Record<Language, readonly (readonly [number, string])[]>> = {
  fr: [
    [0, 'zéro'], [1, 'un'], [16, 'seize'], [17, 'dix-sept'], [21, 'vingt et un'], [22, 'vingt-deux'], [61, 'soixante et un'],
    [70, 'soixante-dix'], [71, 'soixante et onze'], [77, 'soixante-dix-sept'], [80, 'quatre-vingts'], [81, 'quatre-vingt-un'],
    [90, 'quatre-vingt-dix'], [91, 'quatre-vingt-onze'], [99, 'quatre-vingt-dix-neuf'], [100, 'cent'], [101, 'cent un'],
    [180, 'cent quatre-vingts'], [200, 'deux cents'], [203, 'deux cent trois'], [1_000, 'mille'], [1_100, 'mille cent'],
    [2_000, 'deux mille'], [80_000, 'quatre-vingt mille'], [200_000, 'deux cent mille'], [280_000, 'deux cent quatre-vingt mille'],
    [1_000_000, 'un million'], [80_000_000, 'quatre-vingts millions'], [200_000_000, 'deux cents millions'],
    [1_234_567, 'un million deux cent trente-quatre mille cinq cent soixante-sept'],
  ],
  ar: [
    [0, 'صفر'], [1, 'واحد'], [2, 'اثنان'], [8, 'ثمانية'], [10, 'عشرة'], [11, 'أحد عشر'], [12, 'اثنا عشر'], [13, 'ثلاثة عشر'],
    [20, 'عشرون'], [21, 'واحد وعشرون'], [25, 'خمسة وعشرون'], [99, 'تسعة وتسعون'], [100, 'مئة'], [101, 'مئة وواحد'], [200, 'مئتان'],
    [225, 'مئتان وخمسة وعشرون'], [300, 'ثلاثمئة'], [1_000, 'ألف'], [1_001, 'ألف وواحد'], [2_000, 'ألفان'], [2_002, 'ألفان واثنان'],
    [3_000, 'ثلاثة آلاف'], [10_000, 'عشرة آلاف'], [11_000, 'أحد عشر ألفا'], [100_000, 'مئة ألف'], [101_000, 'مئة ألف وألف'],
    [102_500, 'مئة ألف وألفان وخمسمئة'], [103_000, 'مئة وثلاثة آلاف'], [200_000, 'مئتا ألف'], [111_000, 'مئة وأحد عشر ألفا'],
    [1_000_000, 'مليون'], [2_000_000, 'مليونان'], [3_000_000, 'ثلاثة ملايين'], [1_001_000, 'مليون وألف'], [200_000_000, 'مئتا مليون'],
  ],
  en: [
    [0, 'zero'], [1, 'one'], [12, 'twelve'], [21, 'twenty-one'], [100, 'one hundred'], [105, 'one hundred and five'], [1_005, 'one thousand and five'],
    [1_100, 'one thousand one hundred'], [101_000, 'one hundred and one thousand'], [1_000_001, 'one million and one'],
    [1_234_567, 'one million two hundred and thirty-four thousand five hundred and sixty-seven'],
  ],
};

/** Reads a number back from its pieces, by the meaning of their ids. */
function valueOf(sources: readonly AudioSource[]): number {
  let total = 0;
  let group = 0;
  for (const source of sources) {
    if (source.kind !== 'prompt') throw new Error('not a prompt');
    const id = source.id.replace(/^wa-/, '').replace(/-joined$/, '');
    const [, unit, figure] = /^(n|hundred)-(\d+)$/.exec(id) ?? [];
    const [, scale, form] = /^(thousand|millions?)(?:-(.+))?$/.exec(id) ?? [];
    if (unit) group += Number(figure) * (unit === 'n' ? 1 : 100);
    else if (scale) {
      const each = scale === 'thousand' ? 1_000 : 1_000_000;
      // A bare noun counts itself: ألف، ألفان، mille, un million.
      const counted = form === 'two' ? 2 : form === 'one' || group === 0 ? 1 : group;
      total += each * counted;
      group = 0;
    } else if (id !== 'and') throw new Error(`a number with ${id}`);
  }
  return total + group;
}

describe('sayNumber', () => {
  for (const language of LANGUAGES) {
    describe(`given ${language}`, () => {
      for (const [value, text] of TABLES[language]) {
        it(`says ${value} as "${text}"`, () => assert.equal(spokenText(manifest, sayNumber(value, language)), text));
      }

      it('says every number by recorded pieces that mean it', () => {
        const interesting = fc.oneof(fc.integer({ min: 0, max: 1_200 }), fc.integer({ min: 0, max: MAX_SAYABLE }),
          fc.tuple(fc.integer({ min: 0, max: 999 }), fc.constantFrom(1_000, 1_000_000)).map(([count, scale]) => count * scale));
        fc.assert(fc.property(interesting, (value) => {
          const sources = sayNumber(value, language);
          assert.notEqual(spokenText(manifest, sources), '');
          assert.equal(valueOf(sources), value);
        }), { numRuns: 2_000 });
      });
    });
  }

  it('refuses what it has no words for', () => {
    for (const value of [-1, 1.5, MAX_SAYABLE + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => sayNumber(value, 'fr'), (error) => error instanceof AppError && error.code === 'say.out-of-range');
    }
  });
});

describe('sayDigits', () => {
  it('says digits one by one and leaves the rest out', () => {
    assert.equal(spokenText(manifest, sayDigits('+213 5-0', 'en')), 'two one three five zero');
    assert.equal(spokenText(manifest, sayDigits('20', 'fr')), 'deux zéro');
    assert.equal(spokenText(manifest, sayDigits('7', 'ar')), 'سبعة');
    assert.deepEqual(sayDigits('', 'ar'), []);
  });

  it('refuses more digits than any contract number has', () => {
    assert.throws(() => sayDigits('1'.repeat(33), 'fr'), (error) => error instanceof AppError && error.code === 'say.out-of-range');
  });
});
