/**
 * Splits a header value at a separator that stands outside quotes and angle brackets.
 * @remarks RFC 3261 §7.3.1 (comma-separated rows), §25.1 (quoted-string, escapes).
 * @param limit - most items returned; the rest is dropped, so that a hostile header costs nothing.
 * @returns the items, trimmed, without empty ones. Never throws.
 */
export function splitOutsideQuotes(value: string, separator: ',' | ';', limit: number): readonly string[] {
  const items: string[] = [];
  let start = 0;
  let quoted = false;
  let bracketed = false;
  const take = (end: number): void => {
    const item = value.slice(start, end).trim();
    if (item !== '') items.push(item);
    start = end + 1;
  };
  for (let at = 0; at < value.length && items.length < limit; at += 1) {
    const character = value[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '<') bracketed = true;
    else if (character === '>') bracketed = false;
    else if (character === separator && !bracketed) take(at);
  }
  if (items.length < limit) take(value.length);
  return items;
}

/** Takes the quotes and escapes from a quoted-string; any other text is returned as it is. */
export function unquote(value: string): string {
  const quoted = /^"(.*)"$/s.exec(value.trim());
  return quoted ? (quoted[1] ?? '').replace(/\\(.)/gs, '$1') : value.trim();
}
