import { getCountryCallingCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { AudioSource } from '../../model/audio.ts';
import type { Language } from '../../model/language.ts';
import type { Grammar } from './grammar.ts';
import { GRAMMARS } from './grammars.ts';
import { outOfRange, toSources, withPauses, type Pieces } from './pieces.ts';

/** Longer than any number with its prefixes (ITU-T E.164 has 15 digits). */
const MAX_DIGITS = 32;

/**
 * Says a telephone number in the groups of its own country, with pauses between them.
 * @remarks A number of the home country is said in its national form (zéro vingt et un, douze, …), any
 *   other one with "plus" and its country code. French says groups as numbers, by two; Arabic and English
 *   say digit by digit, because there "six and fifty" and "double five" are written down wrongly. What is
 *   no public number (a short code, an extension) is grouped by length alone.
 * @param text - as dialled or written, with or without `+`; other characters than digits are left out.
 * @param homeCountry - ISO 3166 code of those who call, for instance `DZ`; with an unknown one only
 *   numbers with `+` have the groups of their country.
 * @throws AppError `say.out-of-range` for more than 32 digits.
 */
export function sayTelephone(text: string, homeCountry: string, language: Language): readonly AudioSource[] {
  if ((text.match(/[0-9]/g) ?? []).length > MAX_DIGITS) throw outOfRange(`a telephone number has at most ${MAX_DIGITS} digits`);
  const groups = numberGroups(text.trim(), homeCountry, GRAMMARS[language]);
  return withPauses(groups.map((pieces) => toSources(pieces, language)));
}

function numberGroups(text: string, homeCountry: string, grammar: Grammar): readonly Pieces[] {
  const isInternational = text.startsWith('+');
  const home = isSupportedCountry(homeCountry) ? homeCountry : undefined;
  const number = parsePhoneNumberFromString(text, { extract: false, ...(home ? { defaultCountry: home } : {}) });
  if (number?.isValid() && home && number.countryCallingCode === getCountryCallingCode(home)) {
    return digitRuns(number.formatNational()).flatMap(grammar.digitGroups);
  }
  // New ranges open before the metadata know them: a number that says its country need only be possible.
  if (number?.isValid() || (isInternational && number?.isPossible())) return abroad(digitRuns(number.formatInternational()), grammar);
  const digits = digitRuns(text).join('');
  return isInternational ? abroad([digits], grammar) : grammar.digitGroups(digits);
}

function abroad([first = '', ...others]: readonly string[], grammar: Grammar): readonly Pieces[] {
  const [code = [], ...rest] = grammar.digitGroups(first);
  return [['plus', ...code], ...rest, ...others.flatMap(grammar.digitGroups)];
}

const digitRuns = (formatted: string): readonly string[] => formatted.match(/[0-9]+/g) ?? [];
