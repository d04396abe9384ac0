/** Grammatical gender: French and Arabic numbers agree with it, English has none. */
export type Gender = 'masculine' | 'feminine';

/** Something that is counted. */
export interface Noun {
  /** Stem of its pieces' ids: `minute-one`, `minute-many`, … as each language needs. */
  readonly id: string;
  /** Its gender in the languages that have one. */
  readonly gender: { readonly fr: Gender; readonly ar: Gender };
}

const bothMasculine = (id: string): Noun => ({ id, gender: { fr: 'masculine', ar: 'masculine' } });
const bothFeminine = (id: string): Noun => ({ id, gender: { fr: 'feminine', ar: 'feminine' } });

/** Everything that is counted: a new noun needs its line here and its pieces in the manifest. */
export const NOUNS = {
  day: bothMasculine('day'),
  hour: bothFeminine('hour'),
  minute: bothFeminine('minute'),
  second: bothFeminine('second'),
  dinar: bothMasculine('dinar'),
  centime: bothMasculine('centime'),
  millime: bothMasculine('millime'),
  euro: bothMasculine('euro'),
  cent: bothMasculine('cent'),
} as const satisfies Readonly<Record<string, Noun>>;

/** So many of something. */
export interface Counted {
  readonly value: number;
  readonly noun: Noun;
}
