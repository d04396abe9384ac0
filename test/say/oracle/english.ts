import { Spellout } from './spellout.ts';

const WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen',
  'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'];
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

/** British cardinals as rules: `cardinal`. */
export const ENGLISH_RULES = new Spellout({
  cardinal: `
    ${WORDS.map((word, value) => `${value}: ${word}`).join('\n')}
    ${TENS.map((word, place) => `${(place + 2) * 10}: ${word}[->>]`).join('\n')}
    100: << hundred[ and >>]
    1000: << thousand>rest>
    1000000: << million>rest>`,
  rest: `
    0: '
    1: ' and =cardinal=
    100: ' =cardinal=`,
});
