import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What a PEM file holds, or why it is of no use, as the end of a sentence that begins with its name. */
export type PemReading<T> =
  | { readonly kind: 'read'; readonly pem: string; readonly parsed: T }
  | { readonly kind: 'unfit'; readonly why: string };

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads a certificate; what follows it in the file is its chain. Never throws. */
export const readCertificateFile = (file: string): PemReading<X509Certificate> =>
  readPem(file, 'certificate', (pem) => new X509Certificate(pem));

/** Reads a private key. Never throws. */
export const readKeyFile = (file: string): PemReading<KeyObject> => readPem(file, 'private key', (pem) => createPrivateKey(pem));

/** Reads certificates of authorities, of which there must be one at least. Never throws. */
export const readAuthoritiesFile = (file: string): PemReading<readonly X509Certificate[]> =>
  readPem(file, 'certificate', (pem) => {
    const [first = '', ...others] = pem.match(CERTIFICATES) ?? [];
    return [first, ...others].map((one) => new X509Certificate(one));
  });

function readPem<T>(file: string, what: string, parse: (pem: string) => T): PemReading<T> {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (cause) {
    return { kind: 'unfit', why: whyUnread(cause) };
  }
  try {
    return { kind: 'read', pem, parsed: parse(pem) };
  } catch {
    // Both forms of locked keys say so (RFC 7468 §11, RFC 1421 §4.6.1.1); what the library says of them is no help.
    return { kind: 'unfit', why: pem.includes('ENCRYPTED') ? 'is locked by a passphrase, which nobody could type at a start' : `holds no ${what} in PEM form` };
  }
}

function whyUnread(cause: unknown): string {
  const code = codeOf(cause);
  return code === 'ENOENT' ? 'there is no such file'
    : code === 'EACCES' ? 'this user may not read it'
    : code === 'EISDIR' ? 'is a directory'
    : `cannot be read (${code})`;
}

/** What the system calls a fault: `ENOENT`. */
export const codeOf = (cause: unknown): string => (cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause));
