import assert from 'node:assert/strict';
import { LANGUAGES, type Language } from '../../server/model/language.ts';
import { BREAK_REASONS } from '../../server/model/agent-machine.ts';
import { en } from '../../softphone/i18n/en.ts';
import { firstLanguage } from '../../softphone/i18n/language.ts';
import { createTexts, hasText, TEXTS, translateWith } from '../../softphone/i18n/translate.ts';

const PLURAL = /_(zero|one|two|few|many|other)$/;
const placeholders = (text: string): string[] => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1] ?? '').sort();
const basesOf = (texts: Readonly<Record<string, string>>): string[] => [...new Set(Object.keys(texts).map((key) => key.replace(PLURAL, '')))].sort();
const counted = [...new Set(Object.keys(en).filter((key) => PLURAL.test(key)).map((key) => key.replace(PLURAL, '')))];

describe('the texts', () => {
  for (const language of LANGUAGES) {
    describe(`given ${language}`, () => {
      const texts = TEXTS[language];

      it('has every key, none empty and none too many', () => {
        assert.deepEqual(basesOf(texts), basesOf(en));
        assert.deepEqual(Object.entries(texts).filter(([, text]) => text.trim() === ''), []);
      });

      it('puts in the same values as English', () => {
        const differing = Object.entries(en).filter(([key, text]) => !PLURAL.test(key) && placeholders(text).join() !== placeholders(texts[key] ?? '').join());
        assert.deepEqual(differing.map(([key]) => key), []);
      });

      it('has a form of each counted text for every plural of the language (CLDR)', () => {
        const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
        const missing = counted.flatMap((key) => categories.map((category) => `${key}_${category}`)).filter((key) => !(key in texts));
        assert.deepEqual(missing, []);
      });
    });
  }

  it('are different in each language, apart from names, units and patterns', () => {
    const same = (a: Language, b: Language): string[] => Object.keys(en).filter((key) => TEXTS[a][key] === TEXTS[b][key]);
    assert.deepEqual(same('en', 'ar').filter((key) => placeholders(TEXTS.ar[key] ?? '').length === 0), []);
  });

  it('count in Arabic as Arabic does', () => {
    const t = translateWith(createTexts('ar'), 'ar');
    const forms = [1, 2, 3, 11, 100].map((count) => t('sign-in.wait', { count }));
    assert.equal(new Set(forms.map((form) => form.replace(/\d+/, ''))).size, 4);
    assert.match(t('sign-in.wait', { count: 7 }), /7 ثوانٍ/);
  });

  it('say every reason for a break', () => {
    assert.deepEqual(BREAK_REASONS.filter((reason) => !hasText(`break.${reason}`)), []);
  });
});

describe('the first language', () => {
  it('is the one chosen before, then the browser\'s, then French', () => {
    assert.equal(firstLanguage('ar', ['en-US']), 'ar');
    assert.equal(firstLanguage(null, ['de-DE', 'ar-DZ', 'en']), 'ar');
    assert.equal(firstLanguage('xx', ['EN-gb']), 'en');
    assert.equal(firstLanguage(null, []), 'fr');
  });
});
