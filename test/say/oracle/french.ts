import { Spellout } from './spellout.ts';

const UNITS = ['zéro', 'un', 'deux', 'trois', 'quatre', 'cinq', 'six', 'sept', 'huit', 'neuf', 'dix', 'onze', 'douze', 'treize', 'quatorze', 'quinze', 'seize'];
const TENS: readonly (readonly [number, string])[] = [[20, 'vingt'], [30, 'trente'], [40, 'quarante'], [50, 'cinquante'], [60, 'soixante']];

const LITERAL = UNITS.map((word, value) => `${value}: ${word}`).join('\n');
const tensWith = (one: string): string => TENS.map(([value, word]) => `${value}: ${word}\n${value + 1}: ${word} et ${one}\n${value + 2}: ${word}->masculine>`).join('\n');

/** French cardinals as rules: `masculine`, and `feminine` as before minutes. */
export const FRENCH_RULES = new Spellout({
  masculine: `
    ${LITERAL}
    17: dix->>
    ${tensWith('un')}
    70: soixante-dix
    71: soixante et onze
    72/60: soixante->>
    80: quatre-vingts
    81/20: quatre-vingt->>
    100: cent[ >>]
    200: << cent>plural>
    1000: mille[ >>]
    2000: <before-mille< mille[ >>]
    1000000: un million[ >>]
    2000000: << millions[ >>]`,
  plural: `
    0: 's
    1: ' =masculine=`,
  'before-mille': `
    0: =masculine=
    80: quatre-vingt
    81: =masculine=
    100: cent[ >>]
    200: <masculine< cent[ >>]`,
  feminine: `
    0: zéro
    1: une
    2: =masculine=
    ${TENS.map(([value, word]) => `${value}: ${word}\n${value + 1}: ${word} et une\n${value + 2}: =masculine=`).join('\n')}
    81: quatre-vingt-une
    82: =masculine=
    100: cent[ >>]
    200: <masculine< cent>plural-feminine>
    1000: mille[ >>]
    2000: <before-mille< mille[ >>]
    1000000: un million[ >>]`,
  'plural-feminine': `
    0: 's
    1: ' =feminine=`,
});
