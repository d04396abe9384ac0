import type { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { AppError, describeError } from '../base/app-error.ts';
import type { EpochMs } from '../base/time.ts';
import { TLS_VERSIONS, type TlsIdentity } from '../base/tls-identity.ts';
import type { Config } from '../config.ts';
import { readAuthoritiesFile, readCertificateFile, readKeyFile } from './pem-files.ts';

/** The variables that name a certificate and its key, without their ends. */
export type IdentityName = 'ALLO_HTTP_TLS' | 'ALLO_SIP_TLS';

/** The variables that name certificates of authorities. */
export type AuthoritiesName = 'ALLO_SIP_TLS_CLIENT_CA' | 'ALLO_SIP_TLS_CARRIER_CA';

/** A certificate with its key, ready to be presented. */
export interface Presentable {
  readonly identity: TlsIdentity;
  readonly certificate: X509Certificate;
}

/** What the files behind some variables are good for; faults are one line each. */
export type FilesReading<T> =
  | { readonly kind: 'unset' }
  | { readonly kind: 'good'; readonly value: T }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] };

/** Reads a certificate and its key, and looks whether they fit together and could be presented now. Never throws. */
export function readIdentity(name: IdentityName, values: Partial<Config>, now: EpochMs): FilesReading<Presentable> {
  const { [`${name}_CERT` as const]: certFile, [`${name}_KEY` as const]: keyFile } = values;
  if (certFile === undefined || keyFile === undefined) return { kind: 'unset' };
  const [ofCert, ofKey] = [`${name}_CERT=${certFile}`, `${name}_KEY=${keyFile}`];
  const cert = readCertificateFile(certFile);
  const key = readKeyFile(keyFile);
  if (cert.kind === 'unfit' || key.kind === 'unfit') {
    return faulty([cert.kind === 'unfit' && `${ofCert}: ${cert.why}`, key.kind === 'unfit' && `${ofKey}: ${key.why}`]);
  }
  const whyNotNow = outOfDate(cert.parsed, now);
  const fits = cert.parsed.checkPrivateKey(key.parsed);
  if (whyNotNow !== undefined || !fits) {
    return faulty([whyNotNow !== undefined && `${ofCert}: ${whyNotNow}`, !fits && `${ofKey}: is not the key of the certificate ${certFile}`]);
  }
  const identity: TlsIdentity = { cert: cert.pem, key: key.pem };
  const refusal = whyRefused(identity);
  return refusal === undefined ? { kind: 'good', value: { identity, certificate: cert.parsed } } : faulty([`${ofCert}: cannot be used (${refusal})`]);
}

/** Reads the certificates of authorities, PEM. Never throws. */
export function readAuthorities(name: AuthoritiesName, values: Partial<Config>): FilesReading<string> {
  const { [name]: file } = values;
  if (file === undefined) return { kind: 'unset' };
  const reading = readAuthoritiesFile(file);
  return reading.kind === 'read' ? { kind: 'good', value: reading.pem } : faulty([`${name}=${file}: ${reading.why}`]);
}

/** Every fault of the files that hold certificates and keys, one line each. Never throws. */
export function certificateFaults(values: Partial<Config>, now: EpochMs): string[] {
  const readings = [
    readIdentity('ALLO_HTTP_TLS', values, now), readIdentity('ALLO_SIP_TLS', values, now),
    readAuthorities('ALLO_SIP_TLS_CLIENT_CA', values), readAuthorities('ALLO_SIP_TLS_CARRIER_CA', values),
  ];
  return readings.flatMap((reading) => (reading.kind === 'faulty' ? reading.faults : []));
}

/**
 * What was read, for the start, after `certificateFaults` has found none.
 * @returns undefined when the variables are not set.
 * @throws AppError `start.certificate`: the files have changed since.
 */
export function expectGood<T>(reading: FilesReading<T>): T | undefined {
  if (reading.kind === 'faulty') throw new AppError({ code: 'start.certificate', category: 'config', message: reading.faults.join('; ') });
  return reading.kind === 'good' ? reading.value : undefined;
}

const faulty = (faults: readonly (string | false)[]): { readonly kind: 'faulty'; readonly faults: readonly string[] } =>
  ({ kind: 'faulty', faults: faults.filter((fault) => fault !== false) });

/** @returns why clients would not take it now. */
function outOfDate({ validFrom, validTo }: X509Certificate, now: EpochMs): string | undefined {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  if (now > to) return `expired on ${new Date(to).toISOString()}`;
  return now < from ? `is not valid before ${new Date(from).toISOString()}` : undefined;
}

/** @returns what the TLS library has against it, for instance a key that is too short. */
function whyRefused(identity: TlsIdentity): string | undefined {
  try {
    createSecureContext({ ...TLS_VERSIONS, ...identity });
    return undefined;
  } catch (cause) {
    return describeError(cause);
  }
}
