import type { SecureContextOptions } from 'node:tls';
import { TLS_VERSIONS, type TlsIdentity } from '../../base/tls-identity.ts';

export { TLS_VERSIONS, type TlsIdentity } from '../../base/tls-identity.ts';

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

/** What a listener's server is given, and given again when its certificate was renewed. */
export const contextOf = ({ cert, key, ca }: ListenerTls): SecureContextOptions => ({ ...TLS_VERSIONS, cert, key, ...(ca === undefined ? {} : { ca }) });
