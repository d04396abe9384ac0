import assert from 'node:assert/strict';
import type { PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { AppError } from '../../server/base/app-error.ts';
import { sayCharacters, sayDigits } from '../../server/media/say/say-characters.ts';
import { LANGUAGES } from '../../server/model/language.ts';
import { loadManifest, spokenText } from './spoken-text.ts';

let manifest: PromptManifest;
before(async () => { manifest = await loadManifest(); });

const hasCode = (code: string) => (error: unknown): boolean => error instanceof AppError && error.code === code;

describe('sayDigits', () => {
  it('says digits one by one and leaves the rest out', () => {
    assert.equal(spokenText(manifest, sayDigits('+213 5-0', 'en')), 'two one three five zero');
    assert.equal(spokenText(manifest, sayDigits('20', 'fr')), 'deux zéro');
    assert.equal(spokenText(manifest, sayDigits('7', 'ar')), 'سبعة');
    assert.deepEqual(sayDigits('', 'ar'), []);
  });

  it('refuses more digits than any contract number has', () => {
    assert.throws(() => sayDigits('1'.repeat(33), 'fr'), hasCode('say.out-of-range'));
  });
});

describe('sayCharacters', () => {
  it('spells a contract number, with pauses for what stands between its groups', () => {
    assert.equal(spokenText(manifest, sayCharacters('AU-2024/0031', 'fr')), 'a u, deux zéro deux quatre, zéro zéro trois un');
    assert.equal(spokenText(manifest, sayCharacters('wz 7', 'en')), 'double-you zed, seven');
  });

  it('spells the plate of a car', () => {
    assert.equal(spokenText(manifest, sayCharacters('00123-116-16', 'fr')), 'zéro zéro un deux trois, un un six, un six');
    assert.equal(spokenText(manifest, sayCharacters('12345 - و - 6', 'ar')), 'واحد اثنان ثلاثة أربعة خمسة, واو, ستة');
  });

  it('names Latin letters in French to Arabic callers, who know them so', () => {
    assert.equal(spokenText(manifest, sayCharacters('BP 3', 'ar')), 'bé pé, ثلاثة');
  });

  it('takes accents, hamzas and the digits of the Arab East off their letters', () => {
    assert.equal(spokenText(manifest, sayCharacters('É', 'fr')), 'e');
    assert.equal(spokenText(manifest, sayCharacters('أؤ', 'ar')), 'ألف واو');
    assert.equal(spokenText(manifest, sayCharacters('٤۷', 'fr')), 'quatre sept');
  });

  it('has a recorded name for every letter and digit', () => {
    for (const language of LANGUAGES) {
      for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789') assert.notEqual(spokenText(manifest, sayCharacters(character, language)), '');
    }
    const names = [...'ابتثجحخدذرزسشصضطظعغفقكلمنهويءةى'].map((letter) => spokenText(manifest, sayCharacters(letter, 'ar')));
    assert.equal(new Set(names).size, 31);
  });

  it('refuses what has no name in the language, rather than leaving it out of a number', () => {
    assert.throws(() => sayCharacters('12ب', 'fr'), hasCode('say.unknown-character'));
    assert.throws(() => sayCharacters('1@2', 'fr'), hasCode('say.unknown-character'));
    assert.throws(() => sayCharacters('Ж', 'ar'), hasCode('say.unknown-character'));
  });

  it('refuses more characters than any contract number has', () => {
    assert.throws(() => sayCharacters('A'.repeat(33), 'fr'), hasCode('say.out-of-range'));
    assert.deepEqual(sayCharacters(' - ', 'fr'), []);
  });
});
