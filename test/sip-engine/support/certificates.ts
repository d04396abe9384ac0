import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TlsIdentity } from '../../../server/sip-engine/transport/tls-settings.ts';

const run = promisify(execFile);

/** An authority of one test run, made with the openssl program. */
export interface Authority {
  readonly ca: string;
  /**
   * @param names - of the subjectAltName: `DNS:sip.example`, `IP:127.0.0.1`, `URI:sip:sip.example`.
   * @param purposes - of the extendedKeyUsage: `serverAuth`; default none, which allows all.
   */
  issue(names: string, purposes?: string): Promise<TlsIdentity>;
  close(): Promise<void>;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority in a directory of its own. */
export async function openAuthority(): Promise<Authority> {
  const directory = await mkdtemp(join(tmpdir(), 'allo-sip-tls-'));
  const at = (name: string): string => join(directory, name);
  await run('openssl', ['req', '-x509', ...KEY, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2', '-subj', '/CN=Test authority']);
  let issued = 0;
  return {
    ca: await readFile(at('ca.pem'), 'utf8'),
    issue: async (names, purposes) => {
      const name = `leaf${(issued += 1)}`;
      await run('openssl', ['req', '-new', ...KEY, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', '/CN=leaf']);
      await writeFile(at(`${name}.ext`), `subjectAltName=${names}\n${purposes === undefined ? '' : `extendedKeyUsage=${purposes}\n`}`);
      await run('openssl', [
        'x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial',
        '-days', '2', '-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`),
      ]);
      return { cert: await readFile(at(`${name}.pem`), 'utf8'), key: await readFile(at(`${name}.key`), 'utf8') };
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

/** The files of one identity, as an operator has them. */
export interface IdentityFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Writes an identity to `NAME.pem` and `NAME.key` in a directory. */
export async function writeIdentity(directory: string, name: string, { cert, key }: TlsIdentity): Promise<IdentityFiles> {
  const files = { certFile: join(directory, `${name}.pem`), keyFile: join(directory, `${name}.key`) };
  await writeFile(files.certFile, cert);
  await writeFile(files.keyFile, key);
  return files;
}
