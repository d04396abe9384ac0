import { unwatchFile, watchFile } from 'node:fs';
import type { TlsIdentity } from '../base/tls-identity.ts';
import type { Milliseconds } from '../base/time.ts';
import { readIdentity, type IdentityName } from './certificates.ts';
import type { EdgeOptions } from './edge-options.ts';

/** A renewed certificate is presented within a minute, and looking costs nothing. */
const CHECK_EVERY_MS: Milliseconds = 60_000;

/** Whose certificate is watched, and who presents it. */
export interface CertificateWatch {
  readonly name: IdentityName;
  /** Presents another certificate to whoever connects from now on. */
  readonly renew: (identity: TlsIdentity) => void;
}

/**
 * Looks again and again whether the files of a certificate have changed, and has the new one presented: calls go on,
 * and nobody has to be told. Files that do not fit (yet: they are written one after the other) change nothing.
 */
export function watchCertificate(edge: EdgeOptions, { name, renew }: CertificateWatch): void {
  const { config, clock, log, scope, onFault, certificateCheckMs = CHECK_EVERY_MS } = edge;
  const files = [config[`${name}_CERT`], config[`${name}_KEY`]].filter((file) => file !== undefined);
  const onChange = (): void => {
    const reading = readIdentity(name, config, clock());
    if (reading.kind === 'faulty') log.warn({ name, faults: reading.faults }, 'certificate changed, and the old one stays: the new one is of no use');
    if (reading.kind !== 'good') return;
    try {
      renew(reading.value.identity);
      log.info({ name, validUntil: reading.value.certificate.validTo }, 'certificate renewed');
    } catch (cause) {
      onFault(cause, 'certificate');
    }
  };
  for (const file of files) {
    watchFile(file, { interval: certificateCheckMs, persistent: false }, onChange);
    scope.onClose(() => unwatchFile(file, onChange));
  }
}
