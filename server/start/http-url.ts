import type { X509Certificate } from 'node:crypto';
import { hostPort } from '../config/sip-places.ts';

/** What the address of the pages is made of. */
export interface HttpPlace {
  /** Where the server listens. */
  readonly host: string;
  readonly port: number;
  /** With one, the pages are served with TLS. */
  readonly certificate?: X509Certificate | undefined;
}

/** Where a browser finds the pages: on the name that the certificate speaks for, or where the microphone is given. */
export function httpUrl({ host, port, certificate }: HttpPlace): string {
  // Browsers give the microphone to `localhost`, whatever loopback address the server listens on.
  const isLoopback = host === '127.0.0.1' || host === '::1';
  const name = isLoopback ? 'localhost' : !isWildcard(host) ? host : (certificate && dnsName(certificate)) ?? 'localhost';
  return `${certificate ? 'https' : 'http'}://${hostPort({ host: name, port })}`;
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** The first name of the subjectAltName that is no pattern. */
const dnsName = ({ subjectAltName = '' }: X509Certificate): string | undefined => /(?:^|, )DNS:([\w.-]+)(?=$|,)/.exec(subjectAltName)?.[1];
