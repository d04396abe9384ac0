import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { AppError } from '../../server/base/app-error.ts';
import { sayTelephone } from '../../server/media/say/say-telephone.ts';
import { LANGUAGES, type Language } from '../../server/model/language.ts';
import { loadManifest, spokenText } from './spoken-text.ts';

let manifest: PromptManifest;
before(async () => { manifest = await loadManifest(); });

interface Case {
  readonly what: string;
  readonly text: string;
  readonly home: string;
  readonly language: Language;
  readonly said: string;
}

const CASES: readonly Case[] = [
  { what: 'an Algerian mobile by two', text: '+213551234567', home: 'DZ', language: 'fr', said: 'zéro cinq, cinquante et un, vingt-trois, quarante-cinq, soixante-sept' },
  { what: 'an Algerian mobile in national form', text: '0661 00 04 80', home: 'DZ', language: 'fr', said: 'zéro six, soixante et un, zéro zéro, zéro quatre, quatre-vingts' },
  { what: 'an Algerian line with its area of three', text: '021 12 34 56', home: 'DZ', language: 'fr', said: 'zéro vingt et un, douze, trente-quatre, cinquante-six' },
  { what: 'a French number by two', text: '+33142681053', home: 'FR', language: 'fr', said: 'zéro un, quarante-deux, soixante-huit, dix, cinquante-trois' },
  { what: 'a number abroad with plus and country code', text: '+33142681053', home: 'DZ', language: 'fr', said: 'plus trente-trois, un, quarante-deux, soixante-huit, dix, cinquante-trois' },
  { what: 'Algeria from France', text: '+213551234567', home: 'FR', language: 'fr', said: 'plus deux cent treize, cinq cent cinquante et un, vingt-trois, quarante-cinq, soixante-sept' },
  { what: 'a London number in French', text: '+442079460958', home: 'DZ', language: 'fr', said: 'plus quarante-quatre, vingt, soixante-dix-neuf, quarante-six, zéro neuf, cinquante-huit' },
  { what: 'a London number in its groups', text: '+442079460958', home: 'GB', language: 'en', said: 'zero two zero, seven nine four six, zero nine five eight' },
  { what: 'a British mobile abroad, whose last six go by three', text: '+447700900123', home: 'DZ', language: 'en', said: 'plus four four, seven seven zero zero, nine zero zero, one two three' },
  { what: 'an American number in its groups', text: '+1 (202) 555-0123', home: 'US', language: 'en', said: 'two zero two, five five five, zero one two three' },
  { what: 'an Algerian mobile digit by digit in English', text: '+213551234567', home: 'GB', language: 'en', said: 'plus two one three, five five one, two three, four five, six seven' },
  { what: 'an Algerian mobile digit by digit in Arabic', text: '+213551234567', home: 'DZ', language: 'ar', said: 'صفر خمسة خمسة واحد, اثنان ثلاثة, أربعة خمسة, ستة سبعة' },
  { what: 'a number abroad in Arabic', text: '+33142681053', home: 'DZ', language: 'ar', said: 'زائد ثلاثة ثلاثة, واحد, أربعة اثنان, ستة ثمانية, واحد صفر, خمسة ثلاثة' },
  { what: 'a short code in French', text: '3033', home: 'DZ', language: 'fr', said: 'trente, trente-trois' },
  { what: 'a short code of three', text: '112', home: 'DZ', language: 'fr', said: 'cent douze' },
  { what: 'a short code in English', text: '1000', home: 'DZ', language: 'en', said: 'one zero zero zero' },
  { what: 'an odd run that is no number', text: '12345', home: 'DZ', language: 'fr', said: 'cent vingt-trois, quarante-cinq' },
  { what: 'what an unknown country cannot group', text: '0551234567', home: 'XX', language: 'en', said: 'zero five five, one two three, four five six, seven' },
  { what: 'an international number that cannot be one', text: '+999123', home: 'DZ', language: 'en', said: 'plus nine nine nine, one two three' },
];

describe('sayTelephone', () => {
  for (const { what, text, home, language, said } of CASES) {
    it(`says ${what} (${text}, at home in ${home}, ${language})`, () => {
      assert.equal(spokenText(manifest, sayTelephone(text, home, language)), said);
    });
  }

  it('says nothing of nothing', () => assert.deepEqual(sayTelephone('', 'DZ', 'fr'), []));

  it('loses no digit, whatever the text (property)', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 20 });
    fc.assert(fc.property(digits, fc.constantFrom('', '+'), fc.constantFrom('DZ', 'FR', 'GB', 'US', '??'), (text, plus, home) => {
      const said = sayTelephone(plus + text, home, 'en').flatMap((source) => (source.kind === 'prompt' ? [source.id.replace('n-', '')] : []));
      const heard = said.filter((id) => id !== 'plus').join('');
      // A national form has its own prefix, so the end is what must be whole.
      assert.ok(heard.endsWith(text.slice(-4)), `${text} was said as ${heard}`);
      assert.ok(heard.length >= Math.min(text.length, 4));
    }));
  });

  it('has pieces for anything that is dialled (property)', () => {
    fc.assert(fc.property(fc.string({ maxLength: 24 }), fc.constantFrom(...LANGUAGES), (text, language) => {
      spokenText(manifest, sayTelephone(text, 'DZ', language));
    }));
  });

  it('refuses more digits than any number has', () => {
    assert.throws(() => sayTelephone('1'.repeat(33), 'DZ', 'fr'), (error) => error instanceof AppError && error.code === 'say.out-of-range');
  });
});
