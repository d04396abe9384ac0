import { groupByScheme } from './auth-params.ts';
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './response.ts';

/** The credentials of one Authorization header, complete and of a kind that we offer. */
export interface DigestCredentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly algorithm: DigestAlgorithm;
  readonly cnonce: string;
  /** Eight hexadecimal digits, as sent. */
  readonly nc: string;
}

const MAX_HEADER_CHARS = 8_192;

/**
 * Finds the credentials for a realm among the Authorization headers of a request.
 * @remarks RFC 7616 §3.4; RFC 3261 §22.4. Several headers arrive joined by commas. Only qop=auth is taken:
 *   it is what is offered, and without it there is no nonce count to stop a replay.
 * @returns nothing when there are none, or they are incomplete. Never throws.
 */
export function parseAuthorization(value: string | undefined, realm: string): DigestCredentials | undefined {
  if (value === undefined || value.length > MAX_HEADER_CHARS) return undefined;
  return groupByScheme(value).map(completeCredentials).find((credentials) => credentials?.realm === realm);
}

function completeCredentials(group: ReadonlyMap<string, string>): DigestCredentials | undefined {
  const text = (name: string): string => group.get(name) ?? '';
  const named = (group.get('algorithm') ?? 'MD5').toUpperCase();
  const algorithm = DIGEST_ALGORITHMS.find((known) => known === named);
  const credentials = {
    username: text('username'), realm: text('realm'), nonce: text('nonce'), uri: text('uri'),
    response: text('response').toLowerCase(), cnonce: text('cnonce'), nc: text('nc'),
  };
  const isComplete = group.get('scheme') === 'digest' && text('qop').toLowerCase() === 'auth'
    && Object.values(credentials).every((part) => part !== '') && /^[0-9a-f]{8}$/i.test(credentials.nc);
  return isComplete && algorithm !== undefined ? { ...credentials, algorithm } : undefined;
}
