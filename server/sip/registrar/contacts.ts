import { parseNameAddr } from '../headers/name-addr.ts';
import { readSipUri, type SipUri } from '../headers/request-uri.ts';
import { splitOutsideQuotes } from '../headers/split.ts';

/** One contact that a REGISTER wants kept, or gone when `expiresS` is 0. */
export interface ContactRequest {
  readonly uri: SipUri;
  /** Seconds; the registrar's default when the request names none. */
  readonly expiresS: number | undefined;
  /** `+sip.instance`: which device it is, the same after a restart (RFC 5626 §4.1). */
  readonly instanceId?: string;
  /** `reg-id`: which of the device's flows (RFC 5626 §4.2); only with an instance. */
  readonly regId?: number;
}

/** What the Contact headers of a REGISTER ask for. */
export type ContactsRequest =
  /** No Contact: the client asks what is registered (RFC 3261 §10.2.3). */
  | { readonly kind: 'query' }
  /** `Contact: *` with `Expires: 0`: everything of this user goes (§10.2.2). */
  | { readonly kind: 'remove-all' }
  | { readonly kind: 'update'; readonly contacts: readonly ContactRequest[] }
  | { readonly kind: 'malformed'; readonly why: string };

const MAX_CONTACTS = 4;
const MAX_URI_CHARS = 512;

/**
 * Reads the Contact and Expires headers of a REGISTER.
 * @remarks RFC 3261 §10.3: the `expires` parameter stands before the Expires header; a value that is no number
 *   counts as absent.
 */
export function readContacts(contact: string | undefined, expires: string | undefined): ContactsRequest {
  const expiresHeaderS = seconds(expires);
  const rows = splitOutsideQuotes(contact ?? '', ',', MAX_CONTACTS + 1);
  if (rows.length === 0) return { kind: 'query' };
  if (rows.length > MAX_CONTACTS) return { kind: 'malformed', why: 'too many contacts' };
  if (rows.includes('*')) {
    return rows.length === 1 && expiresHeaderS === 0 ? { kind: 'remove-all' } : { kind: 'malformed', why: 'a star contact needs Expires: 0 and no other contact' };
  }
  const contacts: ContactRequest[] = [];
  for (const { uri: written, params } of rows.map(parseNameAddr)) {
    const uri = written.length <= MAX_URI_CHARS ? readSipUri(written) : undefined;
    if (uri === undefined) return { kind: 'malformed', why: 'a contact is no SIP URI' };
    contacts.push({ uri, expiresS: seconds(params['expires']) ?? expiresHeaderS, ...instanceOf(params) });
  }
  return { kind: 'update', contacts };
}

/**
 * @remarks RFC 5626 §4.1: a URN in angle brackets within quotes; §4.2: reg-id is 1 to 2^31-1. What is neither counts
 *   as absent, and a reg-id without an instance too (§6).
 */
function instanceOf(params: Readonly<Record<string, string>>): Pick<ContactRequest, 'instanceId' | 'regId'> {
  const instanceId = /^<(urn:[\w:.-]{1,200})>$/i.exec(params['+sip.instance'] ?? '')?.[1];
  if (instanceId === undefined) return {};
  const regId = /^\d{1,10}$/.test(params['reg-id'] ?? '') ? Number(params['reg-id']) : 0;
  return { instanceId: instanceId.toLowerCase(), ...(regId >= 1 && regId < 2 ** 31 ? { regId } : {}) };
}

const seconds = (text: string | undefined): number | undefined => (/^\s*\d{1,10}\s*$/.test(text ?? '') ? Number(text) : undefined);
