/**
 * Hard French numbers, by hand.
 * @remarks Rules: M. Grevisse and A. Goosse, Le bon usage, cardinal numerals (vingt, cent and mille; et
 *   before un and onze), with hyphens as before 1990.
 */
export const FRENCH_NUMBERS: readonly (readonly [number, string])[] = [
  [0, 'zéro'], [1, 'un'], [10, 'dix'], [11, 'onze'], [16, 'seize'], [17, 'dix-sept'], [19, 'dix-neuf'], [20, 'vingt'],
  [21, 'vingt et un'], [22, 'vingt-deux'], [29, 'vingt-neuf'], [31, 'trente et un'], [41, 'quarante et un'], [51, 'cinquante et un'],
  [60, 'soixante'], [61, 'soixante et un'], [69, 'soixante-neuf'], [70, 'soixante-dix'], [71, 'soixante et onze'], [72, 'soixante-douze'],
  [76, 'soixante-seize'], [77, 'soixante-dix-sept'], [79, 'soixante-dix-neuf'], [80, 'quatre-vingts'], [81, 'quatre-vingt-un'],
  [82, 'quatre-vingt-deux'], [89, 'quatre-vingt-neuf'], [90, 'quatre-vingt-dix'], [91, 'quatre-vingt-onze'], [92, 'quatre-vingt-douze'],
  [97, 'quatre-vingt-dix-sept'], [99, 'quatre-vingt-dix-neuf'], [100, 'cent'], [101, 'cent un'], [111, 'cent onze'], [121, 'cent vingt et un'],
  [171, 'cent soixante et onze'], [180, 'cent quatre-vingts'], [181, 'cent quatre-vingt-un'], [199, 'cent quatre-vingt-dix-neuf'],
  [200, 'deux cents'], [201, 'deux cent un'], [280, 'deux cent quatre-vingts'], [300, 'trois cents'], [480, 'quatre cent quatre-vingts'],
  [580, 'cinq cent quatre-vingts'], [700, 'sept cents'], [801, 'huit cent un'], [900, 'neuf cents'], [999, 'neuf cent quatre-vingt-dix-neuf'],
  [1_000, 'mille'], [1_001, 'mille un'], [1_080, 'mille quatre-vingts'], [1_100, 'mille cent'], [1_200, 'mille deux cents'],
  [1_999, 'mille neuf cent quatre-vingt-dix-neuf'], [2_000, 'deux mille'], [2_001, 'deux mille un'], [2_200, 'deux mille deux cents'],
  [10_000, 'dix mille'], [21_000, 'vingt et un mille'], [71_000, 'soixante et onze mille'], [80_000, 'quatre-vingt mille'],
  [80_080, 'quatre-vingt mille quatre-vingts'], [81_000, 'quatre-vingt-un mille'], [91_000, 'quatre-vingt-onze mille'], [99_999, 'quatre-vingt-dix-neuf mille neuf cent quatre-vingt-dix-neuf'],
  [100_000, 'cent mille'], [101_000, 'cent un mille'], [180_000, 'cent quatre-vingt mille'], [200_000, 'deux cent mille'],
  [200_200, 'deux cent mille deux cents'], [280_000, 'deux cent quatre-vingt mille'], [301_000, 'trois cent un mille'],
  [700_080, 'sept cent mille quatre-vingts'], [999_999, 'neuf cent quatre-vingt-dix-neuf mille neuf cent quatre-vingt-dix-neuf'],
  [1_000_000, 'un million'], [1_000_001, 'un million un'], [2_000_000, 'deux millions'], [21_000_000, 'vingt et un millions'],
  [80_000_000, 'quatre-vingts millions'], [200_000_000, 'deux cents millions'], [280_000_000, 'deux cent quatre-vingts millions'],
  [1_234_567, 'un million deux cent trente-quatre mille cinq cent soixante-sept'], [-5, 'moins cinq'], [-80, 'moins quatre-vingts'],
];

/** French numbers of minutes, which are feminine. */
export const FRENCH_MINUTES: readonly (readonly [number, string])[] = [
  [0, 'zéro minute'], [1, 'une minute'], [2, 'deux minutes'], [11, 'onze minutes'], [21, 'vingt et une minutes'], [31, 'trente et une minutes'],
  [51, 'cinquante et une minutes'], [61, 'soixante et une minutes'], [71, 'soixante et onze minutes'], [80, 'quatre-vingts minutes'],
  [81, 'quatre-vingt-une minutes'], [91, 'quatre-vingt-onze minutes'], [101, 'cent une minutes'], [121, 'cent vingt et une minutes'],
  [200, 'deux cents minutes'], [201, 'deux cent une minutes'], [1_001, 'mille une minutes'], [21_000, 'vingt et un mille minutes'],
  [21_021, 'vingt et un mille vingt et une minutes'], [81_081, 'quatre-vingt-un mille quatre-vingt-une minutes'],
];
