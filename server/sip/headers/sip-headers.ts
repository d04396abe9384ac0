import { AppError } from '../../base/app-error.ts';

/** Every header that this application writes; another one has to be named here first. */
export type HeaderName =
  | 'Accept' | 'Allow' | 'Authorization' | 'Call-ID' | 'Contact' | 'Content-Type' | 'CSeq' | 'Expires' | 'From' | 'Min-Expires' | 'Min-SE'
  | 'P-Asserted-Identity' | 'P-Preferred-Identity' | 'Path' | 'Privacy' | 'Proxy-Authorization' | 'Reason' | 'Require' | 'Retry-After'
  | 'Route' | 'Session-Expires' | 'Supported' | 'To' | 'Unsupported' | 'WWW-Authenticate' | 'X-Allo-Call' | 'X-Allo-Offer';

/** Headers as they are put together; those that are undefined are left out. */
export type HeaderFields = { readonly [Name in HeaderName]?: string | undefined };

/** A private member, unlike a brand, is lost when an object is spread: what is added to checked headers is checked again. */
declare class Checked { private readonly isChecked: true; }

/**
 * Headers that may leave: no value can end its line and begin another header.
 * @remarks The only headers that the SIP stack takes, and {@link sipHeaders} is their only maker, so that a value which
 *   was not looked at does not compile.
 */
export type SipHeaders = Readonly<Record<string, string>> & Checked;

/** Line ends, NUL and the other control characters (RFC 3261 §25.1: no header value needs one), and the two line ends of Unicode. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const RUN_OF_CONTROLS = new RegExp(`${CONTROLS.source}+`, 'g');
const TOKEN = /^[A-Za-z-]+$/;

/**
 * Passes headers on to the SIP stack.
 * @remarks Refused rather than cleaned: identities, tags and routes are wrong when a part of them is missing. Text for
 *   people is cleaned before it gets here, where it is written ({@link withoutControls}).
 * @returns an object of its own each time, as drachtio-srf writes into what it is given.
 * @throws AppError `sip.unsafe-header` for a value with control characters; it names the header, not the value.
 */
export function sipHeaders(fields: HeaderFields): SipHeaders {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (!TOKEN.test(name) || CONTROLS.test(value)) throw unsafeHeader(name);
    headers[name] = value;
  }
  // A cast because this is where headers become checked ones; the mark has no runtime form.
  return headers as unknown as SipHeaders;
}

/** Text for people without what could end a header: each run of control characters becomes one space. */
export const withoutControls = (text: string): string => text.replace(RUN_OF_CONTROLS, ' ');

const unsafeHeader = (name: string): AppError => new AppError({
  code: 'sip.unsafe-header', category: 'bug', message: 'a SIP header would contain control characters', details: { header: TOKEN.test(name) ? name : 'unnamed' },
});
