import type { SecureContextOptions } from 'node:tls';

/** A certificate with its key, as PEM text; the certificate may bring its chain. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** What every end of ours speaks: TLS 1.2 at least (RFC 8996). */
export const TLS_VERSIONS: SecureContextOptions = { minVersion: 'TLSv1.2' };
