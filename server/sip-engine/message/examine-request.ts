import type { SipRequest } from './sip-message.ts';
import { hasUriHeaders, parseSipUri } from './sip-uri.ts';

/** What a request is refused with before anybody acts on it. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/** Schemes that an application may know what to do with, besides SIP (RFC 3966, RFC 5031). */
const OTHER_SCHEMES = new Set(['tel', 'urn']);

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;

/**
 * Checks the Request-URI, which no layer above looks at again.
 * @returns undefined when nothing is wrong.
 * @remarks RFC 3261 §8.2.2.1 (416) and §19.1.1; RFC 4475 §3.1.2.11 and §3.3.2; RFC 5118 §4.2.
 */
export function examineRequest({ uri }: SipRequest): Refusal | undefined {
  const scheme = SCHEME.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return { status: 400, reason: 'Bad Request-URI' };
  if (scheme === 'sip' || scheme === 'sips') {
    return parseSipUri(uri) === undefined || hasUriHeaders(uri) ? { status: 400, reason: 'Bad Request-URI' } : undefined;
  }
  return OTHER_SCHEMES.has(scheme) ? undefined : { status: 416, reason: 'Unsupported URI Scheme' };
}
