import { NOUNS, type Noun } from './nouns.ts';

/** How a currency is said. */
export interface Currency {
  readonly major: Noun;
  readonly minor: Noun;
  /** How many minor units make a major one (ISO 4217, minor unit). */
  readonly minorPerMajor: number;
}

/** Currencies by their ISO 4217 code: a new one needs its line here, and pieces for nouns that nobody counts yet. */
export const CURRENCIES: ReadonlyMap<string, Currency> = new Map([
  ['DZD', { major: NOUNS.dinar, minor: NOUNS.centime, minorPerMajor: 100 }],
  ['EUR', { major: NOUNS.euro, minor: NOUNS.cent, minorPerMajor: 100 }],
  ['TND', { major: NOUNS.dinar, minor: NOUNS.millime, minorPerMajor: 1_000 }],
]);
