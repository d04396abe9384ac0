import { splitOutsideQuotes, unquote } from './split.ts';

/** A From, To, Contact or P-Asserted-Identity value, taken apart. */
export interface NameAddr {
  /** Empty when there is none. */
  readonly displayName: string;
  readonly uri: string;
  /** Header parameters, names in lower case; a parameter without a value is an empty string. */
  readonly params: Readonly<Record<string, string>>;
}

const MAX_PARAMS = 32;

/**
 * Parses name-addr or addr-spec.
 * @remarks RFC 3261 §20.10: without angle brackets, what follows a semicolon belongs to the header, not to the URI.
 * @returns an empty `uri` for something that is neither. Never throws.
 */
export function parseNameAddr(value: string): NameAddr {
  const open = indexOutsideQuotes(value, '<');
  const close = open < 0 ? -1 : value.indexOf('>', open);
  if (open >= 0 && close >= 0) {
    return {
      displayName: unquote(value.slice(0, open)),
      uri: value.slice(open + 1, close).trim(),
      params: parseParams(value.slice(close + 1)),
    };
  }
  if (open >= 0) return { displayName: '', uri: '', params: {} };
  const end = value.indexOf(';');
  return {
    displayName: '',
    uri: (end < 0 ? value : value.slice(0, end)).trim(),
    params: end < 0 ? {} : parseParams(value.slice(end)),
  };
}

function indexOutsideQuotes(value: string, wanted: string): number {
  let quoted = false;
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === wanted) return at;
  }
  return -1;
}

function parseParams(text: string): Readonly<Record<string, string>> {
  // A null prototype because the names come from the network.
  const params = Object.create(null) as Record<string, string>;
  for (const item of splitOutsideQuotes(text, ';', MAX_PARAMS)) {
    const equals = item.indexOf('=');
    const name = (equals < 0 ? item : item.slice(0, equals)).trim().toLowerCase();
    params[name] = equals < 0 ? '' : unquote(item.slice(equals + 1));
  }
  return params;
}
