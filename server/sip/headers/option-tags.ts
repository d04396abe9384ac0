import { splitOutsideQuotes } from './split.ts';

const MAX_TAGS = 32;

/**
 * Option tags as a Require or Supported header has them.
 * @remarks RFC 3261 §19.2, §25.1 (token).
 * @returns in lower case, without characters that no tag has. Never throws.
 */
export const optionTags = (value: string | undefined): readonly string[] =>
  splitOutsideQuotes(value ?? '', ',', MAX_TAGS).map((tag) => tag.toLowerCase().replace(/[^a-z0-9.!%*_+`'~-]/g, '')).filter((tag) => tag !== '');
