/** Letters that Arabic writers use for one another, each with the one that stands for all. */
const ARABIC: Readonly<Record<string, string>> = { أ: 'ا', إ: 'ا', آ: 'ا', ٱ: 'ا', ى: 'ي', ئ: 'ي', ؤ: 'و', ة: 'ه' };

/**
 * Brings a name to the form in which names are compared: no case, no accents, no Arabic vowel
 * signs or tatweel, one space between words.
 */
export function foldText(text: string): string {
  return text
    .replace(/[أإآٱىئؤة]/g, (letter) => ARABIC[letter] ?? letter)
    .normalize('NFD')
    .replace(/[\p{M}ـ]/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
