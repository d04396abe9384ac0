import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';

/** A certificate with its key, as PEM text; the certificate may bring its chain. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** How a TLS or WSS listener presents itself, and what it asks of clients. */
export interface ListenerTls extends TlsIdentity {
  /** PEM of the authorities that client certificates are checked against. */
  readonly ca?: string;
  /** Default `never`; `optional` takes clients without one, `required` closes their connection. */
  readonly clientCertificate?: 'never' | 'optional' | 'required';
  /** Other identities, by the name that the client asks for (SNI, RFC 6066 §3). */
  readonly serverNames?: Readonly<Record<string, TlsIdentity>>;
}

/**
 * How the certificate of a server that we call is checked.
 * - `sip`: chain, and the domain as RFC 5922 says (no wildcards).
 * - `web`: chain, and the domain as HTTPS does (wildcards match one label, RFC 9525).
 * - `none`: encrypted only; anyone in between could be the peer.
 */
export type PeerVerification = 'sip' | 'web' | 'none';

/** How connections that we open with TLS are made. */
export interface OutboundTls {
  /** No default: whoever configures TLS says what is checked. */
  readonly verify: PeerVerification;
  /** PEM of the authorities; default: those of the platform. */
  readonly ca?: string;
  /** Our certificate for servers that ask for one; with it the Via says `alias` (RFC 5923). */
  readonly identity?: TlsIdentity;
}

/** What applies when nothing is configured: certificates are checked the strict way. */
export const DEFAULT_OUTBOUND_TLS: OutboundTls = { verify: 'sip' };

/** Both ends speak TLS 1.2 at least (RFC 8996). */
export const TLS_VERSIONS: SecureContextOptions = { minVersion: 'TLSv1.2' };

/** Reads an identity from two PEM files. @throws when one cannot be read. */
export const readIdentity = (certFile: string, keyFile: string): TlsIdentity =>
  ({ cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') });
