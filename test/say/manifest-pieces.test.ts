import assert from 'node:assert/strict';
import type { PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { CURRENCIES } from '../../server/media/say/currencies.ts';
import type { Grammar } from '../../server/media/say/grammar.ts';
import { GRAMMARS } from '../../server/media/say/grammars.ts';
import { NOUNS } from '../../server/media/say/nouns.ts';
import { toSources } from '../../server/media/say/pieces.ts';
import { sayCharacters } from '../../server/media/say/say-characters.ts';
import { sayDuration, sayDurationRange } from '../../server/media/say/say-duration.ts';
import { sayTelephone } from '../../server/media/say/say-telephone.ts';
import { sayMoney, sayNumber } from '../../server/media/say/say.ts';
import type { AudioSource } from '../../server/model/audio.ts';
import { LANGUAGES, type Language } from '../../server/model/language.ts';
import { loadManifest } from './spoken-text.ts';

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, value) => value);
const LETTERS = ['abcdefghijklmnopqrstuvwxyz', 'ابتثجحخدذرزسشصضطظعغفقكلمنهويءةى'].flatMap((alphabet) => [...alphabet]);
const MINUTE_MS = 60_000;

function datesAndTimes(grammar: Grammar): readonly string[] {
  const times = upTo(24 * 60).map((minute) => ({ hour: Math.floor(minute / 60), minute: minute % 60 }));
  return [
    ...upTo(31).flatMap((day) => grammar.date({ day: day + 1, month: (day % 12) + 1, year: 2026, weekday: (day % 7) + 1 }, { weekday: day % 2 === 0 })),
    ...upTo(31).flatMap((day) => grammar.date({ day: day + 1, month: 1, year: 2026, weekday: (day % 7) + 1 }, { weekday: false })),
    ...upTo(31).flatMap((day) => grammar.date({ day: day + 1, month: 1, year: 2026, weekday: (day % 7) + 1 }, { weekday: true })),
    ...upTo(9_999).flatMap((year) => grammar.date({ day: 1, month: 1, year: year + 1, weekday: 1 }, { weekday: false })),
    ...times.flatMap((time) => [...grammar.time['24-hour'](time), ...grammar.time.spoken(time)]),
  ];
}

function figures(language: Language): readonly AudioSource[] {
  const numbers = upTo(1_000).flatMap((value) => [value, value * 1_000, value * 1_000_000, 100_000 + value, 100_000_000 + value * 1_000, 1_000_000 + value * 1_000]);
  const spans = [1_000, MINUTE_MS, 60 * MINUTE_MS, 24 * 60 * MINUTE_MS].flatMap((unitMs) => upTo(100).map((value) => value * unitMs));
  return [
    ...numbers.flatMap((value) => sayNumber(value, language)), ...sayNumber(-1, language),
    ...[...CURRENCIES.keys()].flatMap((currency) => numbers.flatMap((major) => [major * 1_000, major * 1_000 + 1, major * 100 + 99, major]
      .flatMap((minor) => sayMoney({ minor: Math.min(minor, 99_999_999_999), currency }, language)))),
    ...spans.flatMap((span) => [
      ...sayDuration(span, language), ...sayDuration(span + MINUTE_MS, language), ...sayDuration(60 * MINUTE_MS + span, language),
      ...sayDurationRange({ fromMs: 0, toMs: span }, language), ...sayDurationRange({ fromMs: Math.min(span, MINUTE_MS), toMs: span }, language),
      ...sayDurationRange({ fromMs: span, toMs: Math.max(span, 98 * 24 * 60 * MINUTE_MS) }, language),
    ]),
    // Something feminine that is counted beyond an hour's minutes.
    ...upTo(99).flatMap((value) => toSources(GRAMMARS[language].sum([{ value: value + 1, noun: NOUNS.minute }]), language)),
    ...sayTelephone('+33142681053', 'DZ', language),
  ];
}

describe('the pieces of the manifest', () => {
  let manifest: PromptManifest;
  before(async () => { manifest = await loadManifest(); });

  it('are all vocalised in Arabic, or a speech engine swallows their vowels', () => {
    for (const [id, text] of Object.entries(manifest.pieces.ar)) assert.match(text, /[\u064b-\u0652]/, id);
  });

  for (const language of LANGUAGES) {
    it(`are those that something says, and no others (${language})`, () => {
      const said = new Set(datesAndTimes(GRAMMARS[language]));
      for (const source of figures(language)) if (source.kind === 'prompt') said.add(source.id);
      for (const letter of LETTERS) {
        // Arabic letters are not named in other languages, and Latin ones in Arabic have French names.
        if (language !== 'ar' && letter > 'z') continue;
        for (const source of sayCharacters(letter, language)) if (source.kind === 'prompt' && source.language === language) said.add(source.id);
      }
      const recorded = Object.keys(manifest.pieces[language]);
      assert.deepEqual(recorded.filter((id) => !said.has(id)), [], 'recorded for nothing');
      assert.deepEqual([...said].filter((id) => !recorded.includes(id)), [], 'not recorded');
    });
  }
});
