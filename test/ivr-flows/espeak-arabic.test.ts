import assert from 'node:assert/strict';
import { respellForEspeak } from '../../ivr-flows/espeak-arabic.ts';

/** Writes the signs of a text as names, because their order cannot be seen. */
const seen = (text: string): string => [...text].map((letter) =>
  ({ '\u064e': 'a', '\u064f': 'u', '\u0650': 'i', '\u0651': '2', '\u0652': '0', '\u064c': 'un' })[letter] ?? letter).join('');

describe('respellForEspeak', () => {
  const table: readonly (readonly [string, string, string])[] = [
    ['puts the doubling sign before its vowel', 'س\u0650ت\u064f\u0651ون', 'سiت2uون'],
    ['leaves the silent alif of a plural verb out', 'ا\u0650ضغ\u064eط\u064fوا ع\u064eلى', 'اiضغaطuو عaلى'],
    ['leaves an alif after i out', 'ال\u0650اس', 'الiس'],
    ['joins و with what follows', 'و\u064eاث\u0652نان', 'وaث0نان'],
    ['keeps a long a after و', 'و\u064eاح\u0650د', 'وaاحiد'],
    ['joins a word with the vowel before it', 'تاريخ\u0650 اس\u0652تحقاق', 'تاريخi س0تحقاق'],
    ['says ة before a pause as a', 'ث\u064eلاث\u064eة', 'ثaلاثa'],
    ['keeps ة before its vowel', 'ثلاث\u064eة\u064f', 'ثلاثaةu'],
    ['keeps ة inside a sentence', 'فاتور\u064eة واحد\u064eة.', 'فاتورaة واحدa.'],
  ];
  for (const [what, text, expected] of table) it(what, () => assert.equal(seen(respellForEspeak(text)), expected));
});
