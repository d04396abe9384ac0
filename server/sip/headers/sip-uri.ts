/** The parts of a `sip:`, `sips:` or `tel:` URI that calls are about. */
export interface AddressParts {
  readonly scheme: string;
  /** User part, decoded, without password and without telephone parameters; a `tel:` number without visual separators. */
  readonly user: string;
  /** Host in lower case; empty for `tel:`. */
  readonly host: string;
}

/** Longest user or host kept; more is cut, because no number and no name is longer. */
const MAX_PART_CHARS = 128;

/**
 * Takes a URI apart without trusting it.
 * @remarks RFC 3261 §19.1.1 (escapes in the user part, password), RFC 3966 §5.1 (visual separators),
 *   RFC 3261 §19.1.6 (parameters of the telephone number kept in the user part).
 * @returns empty parts for what cannot be read. Never throws.
 */
export function parseAddress(uri: string): AddressParts {
  const colon = uri.indexOf(':');
  if (colon < 0) return { scheme: '', user: '', host: '' };
  const scheme = uri.slice(0, colon).trim().toLowerCase();
  const rest = uri.slice(colon + 1);
  if (scheme === 'tel') return { scheme, user: telephoneNumber(rest), host: '' };
  const hierarchical = rest.split('?', 1)[0] ?? '';
  const at = hierarchical.lastIndexOf('@');
  const userinfo = at < 0 ? '' : hierarchical.slice(0, at);
  const hostPart = hierarchical.slice(at + 1).split(';', 1)[0] ?? '';
  return { scheme, user: userOf(userinfo), host: hostWithoutPort(hostPart).slice(0, MAX_PART_CHARS).toLowerCase() };
}

const telephoneNumber = (subscriber: string): string =>
  decode((subscriber.split(';', 1)[0] ?? '').trim()).replace(/[-.()\s]/g, '').slice(0, MAX_PART_CHARS);

function userOf(userinfo: string): string {
  const user = userinfo.split(':', 1)[0] ?? '';
  return decode(user.split(';', 1)[0] ?? '').slice(0, MAX_PART_CHARS);
}

function hostWithoutPort(hostPart: string): string {
  if (hostPart.startsWith('[')) return hostPart.slice(0, hostPart.indexOf(']') + 1);
  return hostPart.split(':', 1)[0] ?? '';
}

/** Decodes %HH; a broken escape is left as it came. Control characters are taken out. */
function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    decoded = text; // A broken escape (URIError) is a caller's fault that must not stop the call.
  }
  return decoded.replace(/[\u0000-\u001f\u007f]/g, '');
}

/** `host[:port]` of a SIP URI as it is written, without user and parameters; empty for what has none. */
export const hostPortOf = (uri: string): string => /^sips?:(?:[^@]*@)?(\[[0-9a-f:.]+\](?::\d+)?|[^;?:]+(?::\d+)?)/i.exec(uri)?.[1] ?? '';
