const MAX_NAME_CHARS = 64;
const MAX_USER_CHARS = 64;

/**
 * The From header that a softphone shows while it rings.
 * @remarks RFC 3261 §20.20, §25.1: the name in a quoted-string (UTF-8), the number as the user part, escaped.
 *   Line ends and other control characters are taken out, so that no caller's name becomes a header of ours.
 */
export function formatFrom(from: { readonly name?: string; readonly user: string; readonly host: string }): string {
  const uri = `<sip:${escapeUser(from.user)}@${from.host}>`;
  const name = cleanName(from.name ?? '');
  return name === '' ? uri : `"${name}" ${uri}`;
}

function cleanName(name: string): string {
  const text = name.normalize('NFC').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return [...text].slice(0, MAX_NAME_CHARS).join('').replace(/["\\]/g, '\\$&');
}

/** Escapes all but the unreserved characters of RFC 3261 §25.1 and `+`; an empty user is `anonymous`. */
function escapeUser(user: string): string {
  const kept = [...user].slice(0, MAX_USER_CHARS).join('');
  return kept === '' ? 'anonymous' : encodeURIComponent(kept.replace(/\p{Surrogate}/gu, '')).replace(/%2B/g, '+');
}
