import { AppError } from '../../base/app-error.ts';
import type { Brand } from '../../base/brand.ts';

/**
 * A SIP URI that may stand in a Request-Line, between angle brackets, or as the next hop of a request.
 * @remarks The only URIs that the SIP stack takes; {@link sipUri} and {@link readSipUri} are their makers.
 */
export type SipUri = Brand<string, 'SipUri'>;

const MAX_URI_CHARS = 2_048;
const MAX_USER_CHARS = 64;
/** What RFC 3261 §25.1 lets stand in a URI: visible ASCII without quotes, brackets, braces, backslash, caret, grave and bar. */
const URI = /^sips?:[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/i;

/**
 * A URI made of our set-up and of what was dialled.
 * @remarks Refused rather than cleaned: a URI without a part of it leads to somebody else.
 * @throws AppError `sip.unsafe-uri`; the URI is not named, it may be a person's number.
 */
export function sipUri(text: string): SipUri {
  const uri = readSipUri(text);
  if (uri === undefined) throw new AppError({ code: 'sip.unsafe-uri', category: 'config', message: 'a SIP URI has characters that no URI may have' });
  return uri;
}

/** A URI that somebody else wrote; nothing for what is none. Never throws. */
export function readSipUri(text: string): SipUri | undefined {
  // A cast because this is where the brand is given.
  return text.length <= MAX_URI_CHARS && URI.test(text) ? text as SipUri : undefined;
}

/**
 * Writes any text as the user part of a URI.
 * @remarks RFC 3261 §25.1: all but the unreserved characters and `+` are escaped; halves of surrogate pairs, which
 *   have no escape, are left out. At most 64 characters.
 */
export function userPart(text: string): string {
  const kept = [...text].slice(0, MAX_USER_CHARS).join('').replace(/\p{Surrogate}/gu, '');
  return encodeURIComponent(kept).replace(/%2B/g, '+');
}
