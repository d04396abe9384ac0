import { Spellout } from './spellout.ts';

const WORDS = ['صفر', 'واحد', 'اثنان', 'ثلاثة', 'أربعة', 'خمسة', 'ستة', 'سبعة', 'ثمانية', 'تسعة', 'عشرة', 'أحد عشر', 'اثنا عشر', 'ثلاثة عشر',
  'أربعة عشر', 'خمسة عشر', 'ستة عشر', 'سبعة عشر', 'ثمانية عشر', 'تسعة عشر'];
const TENS = ['عشرون', 'ثلاثون', 'أربعون', 'خمسون', 'ستون', 'سبعون', 'ثمانون', 'تسعون'];
/** 300 to 900. */
const HUNDREDS = ['ثلاثمئة', 'أربعمئة', 'خمسمئة', 'ستمئة', 'سبعمئة', 'ثمانمئة', 'تسعمئة'];

/** The rules for hundreds of thousands: one and two are said by ألف itself, from three on the hundred joins the count. */
const hundredsOfThousands = (hundreds: number, alone: string, joined: string): string => `
  ${hundreds}00: ${joined} ألف
  ${hundreds}01: ${joined} ألف و>>
  ${hundreds}03: ${alone} و>>`;

/** Arabic cardinals as rules: `cardinal`, as one counts. */
export const ARABIC_RULES = new Spellout({
  cardinal: `
    ${WORDS.map((word, value) => `${value}: ${word}`).join('\n')}
    ${TENS.map((word, place) => `${(place + 2) * 10}: [>> و]${word}`).join('\n')}
    100: مئة[ و>>]
    200: مئتان[ و>>]
    ${HUNDREDS.map((word, place) => `${place + 3}00: ${word}[ و>>]`).join('\n')}
    1000: <thousands<[ و>>]
    1000000: مليون[ و>>]
    2000000: مليونان[ و>>]`,
  thousands: `
    1: ألف
    2: ألفان
    3: =cardinal= آلاف
    11: =cardinal= ألفا
    ${hundredsOfThousands(1, 'مئة', 'مئة')}
    ${hundredsOfThousands(2, 'مئتان', 'مئتا')}
    ${HUNDREDS.map((word, place) => hundredsOfThousands(place + 3, word, word)).join('\n')}`,
});

/** A noun in the forms that Arabic numbers ask for. */
export interface ArabicNoun {
  readonly one: string;
  readonly two: string;
  readonly plural: string;
  readonly singular: string;
  readonly accusative: string;
  readonly isFeminine: boolean;
}

/** Numbers as they end before something feminine; the others do not change. */
const FEMININE: readonly (readonly [RegExp, string])[] = [
  [/أحد عشر$/, 'إحدى عشرة'], [/اثنا عشر$/, 'اثنتا عشرة'], [/ثمانية عشر$/, 'ثماني عشرة'], [/ة عشر$/, ' عشرة'],
  [/واحد (و\S+ون)$/, 'إحدى $1'], [/اثنان (و\S+ون)$/, 'اثنتان $1'], [/ثمانية (و\S+ون)$/, 'ثمان $1'], [/(ثلاث|أربع|خمس|ست|سبع|تسع)ة (و\S+ون)$/, '$1 $2'],
  [/ثمانية$/, 'ثماني'], [/(ثلاث|أربع|خمس|ست|سبع|تسع|عشر)ة$/, '$1'],
];

/** A number of something, by changing the end of the cardinal's text as its last two digits ask. */
export function arabicCountText(value: number, noun: ArabicNoun): string {
  const lastTwo = value % 100;
  if (value > 0 && lastTwo > 0 && lastTwo < 3) {
    const loose = lastTwo === 1 ? noun.one : noun.two;
    return value === lastTwo ? loose : `${arabicCountText(value - lastTwo, noun)} و${loose}`;
  }
  const text = ARABIC_RULES.say(value, 'cardinal');
  // In construct the dual loses its n, and ألفا its accusative.
  if (lastTwo === 0) return `${text.replace(/(مئت|ألف|مليون)ان$/, '$1ا').replace(/(عشر|ون) ألفا$/, '$1 ألف')} ${noun.singular}`;
  const [ending, replacement] = (noun.isFeminine ? FEMININE.find(([pattern]) => pattern.test(text)) : undefined) ?? [/$/, ''];
  return `${text.replace(ending, replacement)} ${lastTwo <= 10 ? noun.plural : noun.accusative}`;
}
