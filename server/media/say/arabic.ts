import { groupsOf, type Pieces } from './pieces.ts';

/** Years that are recorded whole, in the case that سنة asks for. */
const RECORDED_YEARS = { from: 2020, to: 2039 } as const;

/**
 * A cardinal number in Modern Standard Arabic, as it is counted, or before a masculine noun.
 * @remarks Units go before tens in one piece (خمسة وعشرون); every part after the first is joined
 *   by و, which is part of its recording (`wa-`).
 */
export function arabicNumber(value: number): Pieces {
  return value === 0 ? ['n-0'] : cardinal(value, 'alone');
}

/**
 * Whether a noun follows at once: the dual then loses its nun (مئتا دينار), ألفًا its ending, and ة is
 * heard as a t (ثلاثة دنانير).
 */
type Place = 'alone' | 'before-noun';

function cardinal(value: number, place: Place): Pieces {
  const { millions, thousands, rest } = groupsOf(value);
  const parts: readonly Pieces[] = [
    ...(millions > 0 ? scale(millions, 'million', thousands + rest === 0 ? place : 'alone') : []),
    ...(thousands > 0 ? scale(thousands, 'thousand', rest === 0 ? place : 'alone') : []),
    ...underThousand(rest, place),
  ];
  return joinWithAnd(parts);
}

/** 1 to 999 as parts: hundreds, and the two last digits. */
function underThousand(value: number, place: Place): readonly Pieces[] {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  const isJoined = place === 'before-noun';
  return [
    ...(hundreds > 0 ? [[`hundred-${hundreds}${isJoined && rest === 0 ? '-joined' : ''}`]] : []),
    ...(rest > 0 ? [[`n-${rest}${isJoined && takesPlural(rest) ? '-joined' : ''}`]] : []),
  ];
}

/** Three to ten of something: the noun is plural, and the number ends in a ة that is heard. */
const takesPlural = (rest: number): boolean => rest >= 3 && rest <= 10;

/** So many thousands or millions as parts: ألف، ألفان، ثلاثة آلاف، أحد عشر ألفًا، مئة ألف، مئة ألف وألفان. */
function scale(count: number, noun: 'thousand' | 'million', place: Place): readonly Pieces[] {
  const rest = count % 100;
  const dual = place === 'before-noun' ? `${noun}-two-joined` : `${noun}-two`;
  const loose = rest === 1 ? [[`${noun}-one`]] : rest === 2 ? [[dual]] : undefined;
  if (loose) return count < 100 ? loose : [...scale(count - rest, noun, 'alone'), ...loose];
  const form = takesPlural(rest) ? 'few' : rest >= 11 && place === 'alone' ? 'many' : 'single';
  const parts = underThousand(count, 'before-noun');
  return [...parts.slice(0, -1), [...(parts.at(-1) ?? []), `${noun}-${form}`]];
}

/** Every part but the first begins with و. */
function joinWithAnd(parts: readonly Pieces[]): Pieces {
  return parts.flatMap((part, index) => (index === 0 ? part : withAnd(part)));
}

function withAnd([first, ...others]: Pieces): Pieces {
  return first === undefined ? [] : [`wa-${first}`, ...others];
}

/**
 * A number of something masculine in Arabic: dinars, euros, centimes.
 * @remarks By the last two digits: 3–10 plural (ثلاثة دنانير), 11–99 accusative singular (أحد عشر
 *   دينارًا), whole hundreds singular (مئة دينار); one and two are said by the noun itself (دينار واحد،
 *   ديناران), also after a hundred (مئة دينار ودينار واحد).
 */
function arabicCount(value: number, noun: string): Pieces {
  const rest = value % 100;
  if (value === 0) return ['n-0', `${noun}-single`];
  if (rest === 1 || rest === 2) {
    const loose: Pieces = [`${noun}-${rest === 1 ? 'one' : 'two'}`];
    return value < 100 ? loose : [...arabicCount(value - rest, noun), ...withAnd(loose)];
  }
  const form = rest === 0 ? 'single' : takesPlural(rest) ? 'few' : 'many';
  return [...cardinal(value, 'before-noun'), `${noun}-${form}`];
}

/** An amount in Arabic: مئتا دينار وخمسون سنتيمًا. */
export function arabicMoney(major: number, minor: number, currency: string): Pieces {
  const minorPieces = minor > 0 ? arabicCount(minor, `${currency}-minor`) : [];
  if (major === 0 && minor > 0) return minorPieces;
  return [...arabicCount(major, currency), ...withAnd(minorPieces)];
}

/** A date in Arabic, with the names of months that Algeria uses: الخامس من جوان سنة ألفين وستة وعشرين. */
export function arabicDate(day: number, month: number, year: number): Pieces {
  const isRecorded = year >= RECORDED_YEARS.from && year <= RECORDED_YEARS.to;
  return [`day-${day}`, `month-${month}`, ...(isRecorded ? [`year-${year}`] : ['year', ...arabicNumber(year)])];
}
