const isLws = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;

/**
 * Cuts the white space of SIP off both ends, and nothing else: `String.trim` would take 0xA0 too,
 * which in a binary string is the second byte of `à`.
 * @remarks RFC 3261 §25.1 (LWS).
 */
export function trimLws(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isLws(text.charCodeAt(from))) from += 1;
  while (to > from && isLws(text.charCodeAt(to - 1))) to -= 1;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

/** Joins the lines of a folded header value with one space each (RFC 3261 §7.3.1). */
export const unfold = (text: string): string => text.split('\r\n').map(trimLws).join(' ');
