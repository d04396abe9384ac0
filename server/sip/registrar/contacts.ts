import { parseNameAddr } from '../headers/name-addr.ts';
import { splitOutsideQuotes } from '../headers/split.ts';

/** One contact that a REGISTER wants kept, or gone when `expiresS` is 0. */
export interface ContactRequest {
  readonly uri: string;
  /** Seconds; the registrar's default when the request names none. */
  readonly expiresS: number | undefined;
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
  const contacts = rows.map((row) => {
    const { uri, params } = parseNameAddr(row);
    return { uri, expiresS: seconds(params['expires']) ?? expiresHeaderS };
  });
  return contacts.every(({ uri }) => isSipUri(uri)) ? { kind: 'update', contacts } : { kind: 'malformed', why: 'a contact is no SIP URI' };
}

/** Contacts are written into requests and headers of ours later: no white space, brackets or control characters. */
const isSipUri = (uri: string): boolean => uri.length <= MAX_URI_CHARS && /^sips?:[\x21\x23-\x3b\x3d\x3f-\x7e]+$/i.test(uri);

const seconds = (text: string | undefined): number | undefined => (/^\s*\d{1,10}\s*$/.test(text ?? '') ? Number(text) : undefined);
