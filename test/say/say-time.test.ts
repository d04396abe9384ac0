import assert from 'node:assert/strict';
import type { PromptManifest } from '../../ivr-flows/prompt-manifest.ts';
import { epochMs } from '../../server/base/time.ts';
import type { ClockStyle } from '../../server/media/say/grammar.ts';
import { GRAMMARS } from '../../server/media/say/grammars.ts';
import { sayTime } from '../../server/media/say/say.ts';
import { LANGUAGES, type Language } from '../../server/model/language.ts';
import { loadManifest, pieceTexts, spokenText } from './spoken-text.ts';

let manifest: PromptManifest;
before(async () => { manifest = await loadManifest(); });

type Table = readonly (readonly [string, string])[];

const TABLES: Readonly<Record<ClockStyle, Readonly<Record<Language, Table>>>> = {
  '24-hour': {
    fr: [
      ['00:00', 'zéro heure'], ['00:01', 'zéro heure une'], ['01:00', 'une heure'], ['09:05', 'neuf heures cinq'], ['14:30', 'quatorze heures trente'],
      ['21:21', 'vingt et une heures vingt et une'], ['23:59', 'vingt-trois heures cinquante-neuf'],
    ],
    ar: [
      ['00:00', 'الساعة صفر'], ['01:01', 'الساعة الواحدة ودقيقة واحدة'], ['08:02', 'الساعة الثامنة ودقيقتان'], ['10:03', 'الساعة العاشرة وثلاث دقائق'],
      ['13:11', 'الساعة الثالثة عشرة وإحدى عشرة دقيقة'], ['14:30', 'الساعة الرابعة عشرة وثلاثون دقيقة'], ['20:12', 'الساعة العشرون واثنتا عشرة دقيقة'],
      ['21:28', 'الساعة الحادية والعشرون وثمان وعشرون دقيقة'], ['23:51', 'الساعة الثالثة والعشرون وإحدى وخمسون دقيقة'],
    ],
    en: [
      ['00:00', 'zero zero hundred hours'], ['00:05', 'zero zero zero five'], ['08:30', 'zero eight thirty'], ['14:00', 'fourteen hundred hours'],
      ['14:05', 'fourteen zero five'], ['20:20', 'twenty twenty'],
    ],
  },
  spoken: {
    fr: [
      ['00:00', 'minuit'], ['00:30', 'minuit et demi'], ['12:00', 'midi'], ['12:15', 'midi et quart'], ['11:45', 'midi moins le quart'],
      ['23:55', 'minuit moins cinq'], ['08:00', 'huit heures du matin'], ['14:30', "deux heures et demie de l'après-midi"],
      ['14:40', "trois heures moins vingt de l'après-midi"], ['17:45', 'six heures moins le quart du soir'], ['20:21', 'huit heures vingt et une du soir'],
      ['20:37', 'huit heures trente-sept du soir'], ['12:35', "une heure moins vingt-cinq de l'après-midi"],
    ],
    ar: [
      ['00:00', 'منتصف الليل'], ['00:15', 'منتصف الليل والربع'], ['12:00', 'منتصف النهار'], ['12:30', 'منتصف النهار والنصف'], ['08:00', 'الساعة الثامنة صباحا'],
      ['14:30', 'الساعة الثانية والنصف بعد الظهر'], ['14:45', 'الساعة الثالثة إلا ربعا بعد الظهر'], ['15:20', 'الساعة الثالثة والثلث بعد الظهر'],
      ['15:40', 'الساعة الرابعة إلا ثلثا بعد الظهر'], ['19:25', 'الساعة السابعة والنصف إلا خمس دقائق مساء'], ['19:35', 'الساعة السابعة والنصف وخمس دقائق مساء'],
      ['20:05', 'الساعة الثامنة وخمس دقائق مساء'], ['20:50', 'الساعة التاسعة إلا عشر دقائق مساء'], ['20:55', 'الساعة التاسعة إلا خمس دقائق مساء'],
      ['20:57', 'الساعة الثامنة وسبع وخمسون دقيقة مساء'], ['23:45', 'منتصف الليل إلا ربعا'],
    ],
    en: [
      ['00:00', 'midnight'], ['12:00', 'noon'], ['08:00', "eight o'clock in the morning"], ['14:30', 'half past two in the afternoon'],
      ['14:45', 'quarter to three in the afternoon'], ['15:10', 'ten past three in the afternoon'], ['20:48', 'twelve minutes to nine in the evening'],
      ['20:01', 'one minute past eight in the evening'], ['23:45', 'quarter to midnight'], ['11:35', 'twenty-five to noon'],
    ],
  },
};

describe('sayTime', () => {
  for (const style of ['24-hour', 'spoken'] as const) {
    for (const language of LANGUAGES) {
      for (const [clock, text] of TABLES[style][language]) {
        it(`says ${clock} as "${text}" (${style}, ${language})`, () => {
          assert.equal(spokenText(manifest, sayTime(epochMs(Date.parse(`2026-06-05T${clock}Z`)), 'UTC', language, style)), text);
        });
      }

      it(`has pieces for every minute of the day, and no two sound the same (${style}, ${language})`, () => {
        const textOf = pieceTexts(manifest, language);
        const times = Array.from({ length: 24 * 60 }, (_, minute) => textOf(GRAMMARS[language].time[style]({ hour: Math.floor(minute / 60), minute: minute % 60 })));
        assert.equal(new Set(times).size, 24 * 60);
      });
    }
  }

  it('takes the clock of the time zone', () => {
    assert.equal(spokenText(manifest, sayTime(epochMs(Date.parse('2026-06-05T23:30Z')), 'Africa/Algiers', 'fr')), 'zéro heure trente');
  });
});
