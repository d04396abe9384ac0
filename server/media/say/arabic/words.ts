import type { Gender } from '../nouns.ts';

/**
 * Case of a number in Arabic: nominative on its own, oblique (genitive and accusative, which sound alike
 * here) after بين or عام.
 * @remarks The oblique is recorded as far as something needs it: years to 9,999, counts under a hundred.
 */
export type Case = 'nominative' | 'oblique';

/** How a number is said in Arabic. */
export interface ArabicForm {
  readonly case: Case;
  /**
   * Gender of the noun that follows at once; absent when none does. The noun takes endings away (مئتا
   * دينار) or makes them heard (ثلاثةُ دنانير).
   */
  readonly before?: Gender;
}

const oblique = (id: string, { case: grammaticalCase }: ArabicForm): string => (grammaticalCase === 'oblique' ? `${id}-oblique` : id);

/** Three to ten of something: the noun is plural. */
export const takesPlural = (rest: number): boolean => rest >= 3 && rest <= 10;

/**
 * The words for 1 to 99, units before tens.
 * @remarks Polarity: 3 to 10 take ة before masculine nouns and lose it before feminine ones (ثلاثة أيام،
 *   ثلاث دقائق), 11 and 12 agree twice, 13 to 19 once each way, tens not at all (K. Ryding, A Reference
 *   Grammar of Modern Standard Arabic, chapter 15). One and two of something are said by the noun itself
 *   and never come here with it.
 */
export function underHundred(value: number, form: ArabicForm): readonly string[] {
  const unit = value % 10;
  if (value > 20 && unit > 0) return [unitBeforeTens(unit, form), oblique(`n-${value - unit}`, form)];
  if (value >= 20) return [oblique(`n-${value}`, form)];
  const word = form.before === 'feminine' ? `n-${value}-feminine` : `n-${value}`;
  if (value === 2 || value === 12) return [oblique(word, form)];
  if (form.before === 'masculine' && takesPlural(value)) return [oblique(`${word}-joined`, form)];
  return [word];
}

/** The unit of 21 to 99, with the ending that و asks for: خمسةٌ وعشرون، خمسٌ وعشرون، إحدى وعشرون. */
function unitBeforeTens(unit: number, form: ArabicForm): string {
  if (form.before === 'feminine') {
    const word = `n-${unit}-feminine-open`;
    // إحدى and ثمانٍ sound the same in every case.
    return unit === 1 || unit === 8 ? word : oblique(word, form);
  }
  return oblique(unit === 2 ? 'n-2' : `n-${unit}-open`, form);
}

/** One to nine hundred: مئة، مئتان، ثلاثمئة; مئتا and a heard ة before a noun. */
export function hundredsWord(hundreds: number, form: ArabicForm): string {
  const word = `hundred-${hundreds}`;
  if (form.before) return `${word}-joined`;
  // مئة and ثمانمئة end in a pause like the others, and have no case within.
  return hundreds === 1 || hundreds === 8 ? word : oblique(word, form);
}
