import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { AppError } from '../../server/base/app-error.ts';
import { GRAMMARS } from '../../server/media/say/grammars.ts';
import { NOUNS, type Noun } from '../../server/media/say/nouns.ts';
import { MAX_SAYABLE } from '../../server/media/say/pieces.ts';
import { sayNumber } from '../../server/media/say/say.ts';
import type { AudioSource } from '../../server/model/audio.ts';
import { LANGUAGES, type Language } from '../../server/model/language.ts';
import { ARABIC_DINARS, ARABIC_NUMBERS, ARABIC_SECONDS } from './known/arabic-numbers.ts';
import { ENGLISH_NUMBERS } from './known/english-numbers.ts';
import { FRENCH_MINUTES, FRENCH_NUMBERS } from './known/french-numbers.ts';
import { ARABIC_RULES, arabicCountText, type ArabicNoun } from './oracle/arabic.ts';
import { ENGLISH_RULES } from './oracle/english.ts';
import { FRENCH_RULES } from './oracle/french.ts';
import { loadManifest, pieceTexts, spokenText } from './spoken-text.ts';

let manifest: PromptManifest;
before(async () => { manifest = await loadManifest(); });

const KNOWN: Readonly<Record<Language, readonly (readonly [number, string])[]>> = { fr: FRENCH_NUMBERS, ar: ARABIC_NUMBERS, en: ENGLISH_NUMBERS };
const ORACLES: Readonly<Record<Language, (value: number) => string>> = {
  fr: (value) => FRENCH_RULES.say(value, 'masculine'),
  ar: (value) => ARABIC_RULES.say(value, 'cardinal'),
  en: (value) => ENGLISH_RULES.say(value, 'cardinal'),
};
/** A million texts are read twice; other tests run beside on the same machine. */
const TABLE_TIMEOUT_MS = 60_000;

/** Compares the text of pieces with the oracle's for every number of a range. */
function compareAll(upTo: number, said: (value: number) => string, expected: (value: number) => string): void {
  for (let value = 0; value <= upTo; value += 1) {
    const text = said(value);
    // Only the difference is worth the price of an assertion, a million times.
    if (text !== expected(value)) assert.equal(text, expected(value), String(value));
  }
}

/** Reads a number back from its pieces, by the meaning of their ids. */
function valueOf(sources: readonly AudioSource[]): number {
  let total = 0;
  let group = 0;
  for (const source of sources) {
    if (source.kind !== 'prompt') throw new Error('not a prompt');
    const id = source.id.replace(/^wa-/, '').replace(/-(joined|open)$/, '');
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
      for (const [value, text] of KNOWN[language]) {
        it(`says ${value} as "${text}"`, () => assert.equal(spokenText(manifest, sayNumber(value, language)), text));
      }

      it('says every number from 0 to 1,000,000 as the rules of another method do', function () {
        this.timeout(TABLE_TIMEOUT_MS);
        const textOf = pieceTexts(manifest, language);
        compareAll(1_000_000, (value) => textOf(GRAMMARS[language].number(value)), ORACLES[language]);
      });

      it('says larger numbers by recorded pieces that mean them (property)', () => {
        const large = fc.oneof(fc.integer({ min: 1_000_000, max: MAX_SAYABLE }),
          fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 0, max: 1_200 })).map(([millions, rest]) => millions * 1_000_000 + rest));
        fc.assert(fc.property(large, (value) => {
          const sources = sayNumber(value, language);
          assert.notEqual(spokenText(manifest, sources), '');
          assert.equal(valueOf(sources), value);
        }), { numRuns: 2_000 });
      });
    });
  }

  it('refuses what it has no words for', () => {
    for (const value of [1.5, -1.5, MAX_SAYABLE + 1, -MAX_SAYABLE - 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => sayNumber(value, 'fr'), (error) => error instanceof AppError && error.code === 'say.out-of-range');
    }
  });
});

describe('the oracles', () => {
  // Two wrongs must not agree: the rules have to know the hand-written cases as well.
  for (const language of LANGUAGES) {
    it(`know the hard cases too (${language})`, () => {
      const cases = KNOWN[language].filter(([value]) => value >= 0 && value <= 1_000_000);
      assert.ok(cases.length >= 60, `${cases.length} cases`);
      for (const [value, text] of cases) assert.equal(ORACLES[language](value), text);
    });
  }
});

describe('numbers of something', () => {
  const counted = (value: number, noun: Noun, language: Language): string =>
    pieceTexts(manifest, language)(GRAMMARS[language].sum([{ value, noun }]));
  const dinar: ArabicNoun = { one: 'دينار واحد', two: 'ديناران', plural: 'دنانير', singular: 'دينار', accusative: 'دينارا', isFeminine: false };
  const second: ArabicNoun = { one: 'ثانية واحدة', two: 'ثانيتان', plural: 'ثوان', singular: 'ثانية', accusative: 'ثانية', isFeminine: true };

  it('say "une" before French feminine nouns', () => {
    for (const [value, text] of FRENCH_MINUTES) assert.equal(counted(value, NOUNS.minute, 'fr'), text);
  });

  it('agree with Arabic masculine nouns', () => {
    for (const [value, text] of ARABIC_DINARS) assert.equal(counted(value, NOUNS.dinar, 'ar'), text);
  });

  it('agree with Arabic feminine nouns', () => {
    for (const [value, text] of ARABIC_SECONDS) assert.equal(counted(value, NOUNS.second, 'ar'), text);
  });

  it('agree in every number to 100,000, by another method', function () {
    this.timeout(TABLE_TIMEOUT_MS);
    const [french, arabic] = [pieceTexts(manifest, 'fr'), pieceTexts(manifest, 'ar')];
    const sum = (language: Language, noun: Noun) => (value: number) => GRAMMARS[language].sum([{ value, noun }]);
    const [minutes, dinars, seconds] = [sum('fr', NOUNS.minute), sum('ar', NOUNS.dinar), sum('ar', NOUNS.second)];
    compareAll(100_000, (value) => french(minutes(value)), (value) => `${FRENCH_RULES.say(value, 'feminine')} minute${value < 2 ? '' : 's'}`);
    compareAll(100_000, (value) => arabic(dinars(value)), (value) => arabicCountText(value, dinar));
    compareAll(100_000, (value) => arabic(seconds(value)), (value) => arabicCountText(value, second));
  });
});
