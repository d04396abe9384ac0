import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import { isE164, type CallingNumber, type E164 } from '../model/phone-number.ts';

/** What an INVITE says of its caller, and what is believed of it. */
export interface CallerClaims {
  /** User parts of P-Asserted-Identity (RFC 3325 §9.1), in order. */
  readonly assertedUsers: readonly string[];
  /** User part of the From URI (RFC 3261 §20.20). */
  readonly fromUser: string;
  /** Tokens of the Privacy header (RFC 3323 §4.2). */
  readonly privacy: readonly string[];
  /** Whether the trunk is in the trust domain (RFC 3324 §2.3). */
  readonly trustsAssertedIdentity: boolean;
  /** ISO 3166 region of the trunk, for numbers in national form. */
  readonly region: string;
}

/** Longer than any number with its parameters; the rest is not looked at. */
const MAX_USER_LENGTH = 64;
/** Shortest run of digits that is taken for an international number without its plus. */
const MIN_BARE_INTERNATIONAL_LENGTH = 11;

/** What gateways write where a number would be (RFC 3323 §4.1.1.3, and common usage). */
const WITHHELD = new Set(['anonymous', 'restricted', 'unavailable', 'unknown', 'private', 'withheld', 'blocked', 'nobody']);

/**
 * Who the network says is calling, in one form, for the look-up and the history.
 * @remarks Asserted identity on trusted trunks (RFC 3325 §5), else From. A caller who asks
 *   for privacy of the user or the identity (RFC 3323 §4.2, RFC 3325 §9.3) stays anonymous,
 *   even where the network told us: it trusts us to honour that.
 * @returns `unparsable` for an extension or anything else that is no public number. Never throws.
 */
export function normaliseCallingNumber(claims: CallerClaims): CallingNumber {
  if (claims.privacy.some((token) => ['id', 'user'].includes(token.trim().toLowerCase()))) return { kind: 'anonymous' };
  const asserted = (claims.trustsAssertedIdentity ? claims.assertedUsers : []).map((user) => readUser(user, claims.region, 'asserted'));
  const all = [...asserted, readUser(claims.fromUser, claims.region, 'from')];
  return all.find(({ kind }) => kind === 'e164') ?? all.find(({ kind }) => kind === 'unparsable') ?? { kind: 'anonymous' };
}

function readUser(rawUser: string, region: string, source: 'asserted' | 'from'): CallingNumber {
  const raw = unescapeUser(rawUser.slice(0, MAX_USER_LENGTH)).trim();
  // Parameters of a telephone-subscriber: `;ext=`, `;phone-context=`, `;npdi` (RFC 3966 §3, RFC 4694).
  const [subscriber = ''] = raw.split(';', 1);
  if (subscriber === '' || WITHHELD.has(subscriber.toLowerCase())) return { kind: 'anonymous' };
  const number = toE164(subscriber, region);
  return number === undefined ? { kind: 'unparsable', raw } : { kind: 'e164', number, source };
}

/**
 * Reads one telephone number, as typed, dialled, or sent by a network, in its international form.
 * @remarks The full metadata of libphonenumber (`/max`) is used on purpose: a number in
 *   national form must be a *valid* one, because by length alone an extension would become
 *   somebody else's number. A number that says its country need only be *possible*: new
 *   ranges open before the metadata know them.
 * @param region - ISO 3166 region for national forms; with one that is unknown only
 *   international forms are read.
 * @returns nothing for extensions, short codes and everything that is no number.
 */
export function toE164(text: string, region: string): E164 | undefined {
  if (!/^[+\d\p{Nd}\s().\-/\u00a0\u200e\u200f\u202a-\u202e]{1,64}$/u.test(text)) return undefined;
  const international = readInternational(text);
  if (international !== undefined) return international;
  const country = region.toUpperCase();
  if (isSupportedCountry(country)) {
    const national = read(text, country);
    if (national?.isValid()) return checked(national.number);
  }
  return readBareInternational(text);
}

/** `+213…` and `00213…` (the prefix that ITU-T E.123 §5 and most plans have for it). */
function readInternational(text: string): E164 | undefined {
  const digits = text.replace(/[\s\u00a0\u200e\u200f\u202a-\u202e]/gu, '');
  const plus = digits.startsWith('+') ? digits : digits.startsWith('00') ? `+${digits.slice(2)}` : undefined;
  const number = plus === undefined ? undefined : read(plus);
  return number?.isPossible() ? checked(number.number) : undefined;
}

/** `213550123456`, as many trunks send it. */
function readBareInternational(text: string): E164 | undefined {
  if (!/^[1-9]\d*$/.test(text) || text.length < MIN_BARE_INTERNATIONAL_LENGTH) return undefined;
  const number = read(`+${text}`);
  return number?.isValid() ? checked(number.number) : undefined;
}

function read(text: string, country?: CountryCode): ReturnType<typeof parsePhoneNumberFromString> {
  return parsePhoneNumberFromString(text, { extract: false, ...(country === undefined ? {} : { defaultCountry: country }) });
}

const checked = (number: string): E164 | undefined => (isE164(number) ? number : undefined);

/** A SIP user part may be percent-escaped (RFC 3261 §19.1.2); one that is so wrongly is left as it is. */
function unescapeUser(user: string): string {
  return user.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
