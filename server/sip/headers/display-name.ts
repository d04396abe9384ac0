import { withoutControls } from './sip-headers.ts';
import { userPart } from './request-uri.ts';

const MAX_NAME_CHARS = 64;

/**
 * The From header that a softphone shows while it rings.
 * @remarks RFC 3261 §20.20, §25.1: the name in a quoted-string (UTF-8), the number as the user part, escaped; without
 *   a number `anonymous`. A name is cleaned and not refused: it comes from customer data, and a call must not fail
 *   for a line end in it.
 */
export function formatFrom(from: { readonly name?: string; readonly user: string; readonly host: string }): string {
  const user = userPart(from.user);
  const uri = `<sip:${user === '' ? 'anonymous' : user}@${from.host}>`;
  const name = cleanName(from.name ?? '');
  return name === '' ? uri : `"${name}" ${uri}`;
}

function cleanName(name: string): string {
  const text = withoutControls(name.normalize('NFC')).trim();
  return [...text].slice(0, MAX_NAME_CHARS).join('').replace(/["\\]/g, '\\$&');
}
