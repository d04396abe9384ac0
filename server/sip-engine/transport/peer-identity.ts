import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { PeerVerification } from './tls-settings.ts';

/**
 * Says whether a certificate speaks for a SIP domain.
 * @param name - the host of the URI that led here, not what DNS made of it (RFC 5922 §4).
 * @remarks RFC 5922 §7.1 and §7.2: `sip` URIs of the subjectAltName, else its DNS names, else the
 *   common name; compared without wildcards. Numeric names are compared with the IP addresses.
 */
export function speaksFor(certificate: PeerCertificate, name: string, verify: PeerVerification): boolean {
  if (verify === 'none') return true;
  if (verify === 'web' || isIP(name) !== 0) return checkServerIdentity(name, certificate) === undefined;
  return sipIdentities(certificate).includes(name.toLowerCase());
}

/** The domains that a certificate names, lower case. */
export function sipIdentities(certificate: PeerCertificate): string[] {
  const names = (certificate.subjectaltname ?? '').split(', ');
  // A URI with a user part is a person's, not a domain's (RFC 5922 §7.1).
  const uris = names.flatMap((one) => /^URI:sip:([^@;?"]+)$/i.exec(one)?.[1] ?? []);
  if (uris.length > 0) return uris.map((one) => one.toLowerCase());
  const dns = names.flatMap((one) => /^DNS:([^"]+)$/i.exec(one)?.[1] ?? []);
  if (dns.length > 0) return dns.map((one) => one.toLowerCase());
  const { CN } = certificate.subject ?? {};
  return typeof CN === 'string' ? [CN.toLowerCase()] : [];
}
