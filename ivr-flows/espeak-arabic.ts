/** Fatha, damma, kasra and their doubled forms. */
const VOWEL = '\u064b-\u0650';
const DAMMA_OR_KASRA = '\u064f\u0650';
const SUKUN = '\u0652';
const SHADDA = '\u0651';
const PAUSE = '(?=\\s*(?:[،.:؛!؟]|$))';

const RULES: readonly (readonly [RegExp, string])[] = [
  // Unicode orders a vowel before the doubling sign; espeak-ng loses a vowel that comes first.
  [new RegExp(`([${VOWEL}])${SHADDA}`, 'gu'), `${SHADDA}$1`],
  // The alif of a plural verb is silent: اضغطوا.
  [new RegExp(`(و${SUKUN}?)ا(?=[\\s،.:]|$)`, 'gu'), '$1'],
  // An alif after u or i carries no sound: الِاستماع.
  [new RegExp(`([${DAMMA_OR_KASRA}])ا`, 'gu'), '$1'],
  // A joining alif is silent after و and ف, and after a word that ends in a vowel: وَاثنان، تاريخِ استحقاقها.
  [new RegExp(`(^|\\s)([وف]\u064e)ا(?=.${SUKUN})`, 'gu'), '$1$2'],
  [new RegExp(`([\u064e-\u0650]\\s)ا(?=.${SUKUN})`, 'gu'), '$1'],
  // A final ة without a vowel is not a t before a pause: ثلاثة.
  [new RegExp(`ة${PAUSE}`, 'gu'), ''],
];

/**
 * Respells vocalised Arabic for espeak-ng, which reads letters where a person knows better. The
 * manifest keeps the right spelling, for whoever records it.
 */
export function respellForEspeak(arabic: string): string {
  return RULES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), arabic);
}
