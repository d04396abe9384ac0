import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * The algorithms taken, strongest first.
 * @remarks RFC 8760 §2.3. MD5 stays, because SIP.js and most telephones know no other; over WSS, with credentials
 *   minted for one session, it protects enough.
 */
export const DIGEST_ALGORITHMS = ['SHA-256', 'MD5'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** What goes into a digest with qop=auth. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** Eight hexadecimal digits, as sent. */
  readonly nc: string;
  readonly cnonce: string;
}

const NODE_HASHES = { 'SHA-256': 'sha256', MD5: 'md5' } as const;

/** The response a client must give, in lower-case hexadecimal (RFC 7616 §3.4.1, qop=auth). */
export function digestResponse(input: DigestInput): string {
  const { ha1, ha2 } = secrets(input);
  return hash(input.algorithm, ha1, input.nonce, input.nc, input.cnonce, 'auth', ha2);
}

/** The response to a challenge without qop, of equipment that knows RFC 2069 only (RFC 2617 §3.2.2.1). */
export function plainDigestResponse(input: Omit<DigestInput, 'nc' | 'cnonce'>): string {
  const { ha1, ha2 } = secrets(input);
  return hash(input.algorithm, ha1, input.nonce, ha2);
}

const secrets = ({ algorithm, ...of }: Omit<DigestInput, 'nc' | 'cnonce'>): { readonly ha1: string; readonly ha2: string } =>
  ({ ha1: hash(algorithm, of.username, of.realm, of.password), ha2: hash(algorithm, of.method, of.uri) });

const hash = (algorithm: DigestAlgorithm, ...parts: readonly string[]): string =>
  createHash(NODE_HASHES[algorithm]).update(parts.join(':')).digest('hex');

/** Compares two secrets in a time that says nothing about where, or whether, they differ. */
export function isSameSecret(one: string, other: string): boolean {
  const fingerprint = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(fingerprint(one), fingerprint(other));
}
