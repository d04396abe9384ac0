import type { Language } from '../../model/language.ts';
import { ARABIC } from './arabic/arabic.ts';
import { ENGLISH } from './english/english.ts';
import { FRENCH } from './french/french.ts';
import type { Grammar } from './grammar.ts';

/** The grammar of each language. */
export const GRAMMARS: Readonly<Record<Language, Grammar>> = { fr: FRENCH, ar: ARABIC, en: ENGLISH };
