import { splitOutsideQuotes, unquote } from '../headers/split.ts';

const MAX_PARAMS = 48;
const MAX_VALUE_CHARS = 512;

/**
 * Takes apart what stands in authentication headers, several joined by commas: `Digest a=1, b=2, Digest a=3`.
 * @remarks RFC 7235 §2.1. A scheme starts a new set of parameters.
 * @returns one map for each scheme, names in lower case, `scheme` among them. Never throws.
 */
export function groupByScheme(value: string): readonly ReadonlyMap<string, string>[] {
  const groups: Map<string, string>[] = [];
  for (const item of splitOutsideQuotes(value, ',', MAX_PARAMS)) {
    const scheme = /^([!#$%&'*+.^_`|~\w-]+)\s+(.*)$/s.exec(item);
    const isStart = scheme !== null && !(scheme[2] ?? '').startsWith('=');
    if (isStart) groups.push(new Map([['scheme', (scheme[1] ?? '').toLowerCase()]]));
    addParam(groups.at(-1), isStart ? scheme[2] ?? '' : item);
  }
  return groups;
}

function addParam(group: Map<string, string> | undefined, item: string): void {
  const equals = item.indexOf('=');
  if (group === undefined || equals < 0) return;
  const name = item.slice(0, equals).trim().toLowerCase();
  // A parameter that comes twice is malformed; the first one stands, so that none can be slipped in behind it.
  if (!group.has(name)) group.set(name, unquote(item.slice(equals + 1)).slice(0, MAX_VALUE_CHARS));
}
