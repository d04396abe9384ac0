/** One part, its first and last byte included; all of it; or nothing that there is. */
export type WantedRange = { readonly start: number; readonly end: number } | 'all' | 'none';

/** One range: from a byte on, from one to another, or so many at the end. */
const ONE_RANGE = /^bytes=[ \t]*(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))[ \t]*$/i;

/**
 * Reads a Range header for something of so many bytes.
 * @remarks RFC 9110 §14.1.2: a last byte beyond the end, or more bytes than there are from the end, mean up to the end
 *   and all. What cannot be understood, other units and several ranges are as good as no header (§14.2).
 *   Express's own reader calls a suffix that is longer than the whole unsatisfiable.
 */
export function readRange(header: string | undefined, sizeBytes: number): WantedRange {
  const [, first, last, suffix] = ONE_RANGE.exec(header ?? '') ?? [];
  if (suffix !== undefined) return wanted(Math.max(0, sizeBytes - Number(suffix)), sizeBytes - 1, sizeBytes);
  if (first === undefined) return 'all';
  const start = Number(first);
  const end = last === undefined || last === '' ? sizeBytes - 1 : Number(last);
  // The last byte before the first: no range at all. `5-` of three bytes is one, beyond the end.
  return last !== '' && end < start ? 'all' : wanted(start, Math.min(end, sizeBytes - 1), sizeBytes);
}

const wanted = (start: number, end: number, sizeBytes: number): WantedRange => (start >= sizeBytes ? 'none' : { start, end });
