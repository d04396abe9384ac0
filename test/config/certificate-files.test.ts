import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { epochMs } from '../../server/base/time.ts';
import { preflight } from '../../server/preflight.ts';
import { readIdentity } from '../../server/start/certificates.ts';
import { openAuthority, writeIdentity, type Authority, type IdentityFiles } from '../sip-engine/support/certificates.ts';

const DAY_MS = 86_400_000;

describe('the files of a certificate', () => {
  let directory: string;
  let authority: Authority;
  let ours: IdentityFiles;
  let other: IdentityFiles;
  const at = (name: string): string => join(directory, name);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'allo-certificates-'));
    await chmod(directory, 0o755);
    authority = await openAuthority();
    ours = await writeIdentity(directory, 'ours', await authority.issue('DNS:centre.example'));
    other = await writeIdentity(directory, 'other', await authority.issue('DNS:centre.example'));
    await writeFile(at('ca.pem'), authority.ca);
    await writeFile(at('empty.pem'), '');
    await writeFile(at('broken.pem'), '-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n');
  });
  after(async () => {
    await authority.close();
    await rm(directory, { recursive: true });
  });

  const sip = (certFile: string, keyFile: string): Parameters<typeof preflight>[0] => ({ ALLO_SIP_TLS_CERT: certFile, ALLO_SIP_TLS_KEY: keyFile });

  it('are read when they fit, chain and all', () => {
    const reading = readIdentity('ALLO_HTTP_TLS', { ALLO_HTTP_TLS_CERT: ours.certFile, ALLO_HTTP_TLS_KEY: ours.keyFile }, epochMs(Date.now()));
    assert.equal(reading.kind, 'good');
    assert.deepEqual(readIdentity('ALLO_SIP_TLS', {}, epochMs(Date.now())), { kind: 'unset' });
  });

  it('give no faults to the preflight when all are good', async () => {
    assert.deepEqual(await preflight({ ...sip(ours.certFile, ours.keyFile), ALLO_SIP_TLS_CLIENT_CA: at('ca.pem'), ALLO_SIP_TLS_CARRIER_CA: at('ca.pem') }), []);
  });

  it('are all complained of together, with one line each', async () => {
    assert.deepEqual(await preflight({
      ALLO_HTTP_TLS_CERT: at('missing.pem'), ALLO_HTTP_TLS_KEY: directory, ...sip(ours.certFile, other.keyFile),
      ALLO_SIP_TLS_CLIENT_CA: at('empty.pem'), ALLO_SIP_TLS_CARRIER_CA: at('broken.pem'),
    }), [
      `ALLO_HTTP_TLS_CERT=${at('missing.pem')}: there is no such file`,
      `ALLO_HTTP_TLS_KEY=${directory}: is a directory`,
      `ALLO_SIP_TLS_KEY=${other.keyFile}: is not the key of the certificate ${ours.certFile}`,
      `ALLO_SIP_TLS_CLIENT_CA=${at('empty.pem')}: holds no certificate in PEM form`,
      `ALLO_SIP_TLS_CARRIER_CA=${at('broken.pem')}: holds no certificate in PEM form`,
    ]);
  });

  it('are complained of when certificate and key are each in the place of the other', async () => {
    assert.deepEqual(await preflight(sip(ours.keyFile, ours.certFile)), [
      `ALLO_SIP_TLS_CERT=${ours.keyFile}: holds no certificate in PEM form`,
      `ALLO_SIP_TLS_KEY=${ours.certFile}: holds no private key in PEM form`,
    ]);
  });

  it('are complained of when a passphrase locks the key', async () => {
    const locked = ['-in', ours.keyFile, '-passout', 'pass:secret', '-out', at('locked.key')];
    for (const command of [['ec', '-aes256'], ['pkcs8', '-topk8']]) {
      execFileSync('openssl', [...command, ...locked], { stdio: 'ignore' });
      assert.deepEqual(await preflight(sip(ours.certFile, at('locked.key'))), [
        `ALLO_SIP_TLS_KEY=${at('locked.key')}: is locked by a passphrase, which nobody could type at a start`,
      ]);
    }
  });

  it('are complained of when clients would find the key too weak', async () => {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:512', '-nodes', '-days', '2', '-subj', '/CN=weak', '-keyout', at('weak.key'), '-out', at('weak.pem')], { stdio: 'ignore' });
    const [fault, ...more] = await preflight(sip(at('weak.pem'), at('weak.key')));
    assert.match(fault ?? '', /^ALLO_SIP_TLS_CERT=.*weak\.pem: cannot be used \(.*key too small/);
    assert.deepEqual(more, []);
  });

  it('are complained of when the certificate has expired, or is not valid yet', async () => {
    const from = (days: number) => () => epochMs(Date.now() + days * DAY_MS);
    const [expired, ...more] = await preflight(sip(ours.certFile, ours.keyFile), from(3));
    assert.match(expired ?? '', /^ALLO_SIP_TLS_CERT=.*ours\.pem: expired on 20\d\d-\d\d-\d\dT/);
    assert.deepEqual(more, []);
    assert.match((await preflight(sip(ours.certFile, ours.keyFile), from(-1)))[0] ?? '', /: is not valid before 20\d\d-/);
  });

  it('are complained of for both reasons when the certificate has expired and the key is another', async () => {
    assert.equal((await preflight(sip(ours.certFile, other.keyFile), () => epochMs(Date.now() + 3 * DAY_MS))).length, 2);
  });

  it('are complained of when this user may not read them', async () => {
    await chmod(ours.keyFile, 0o000);
    const fault = asNobody(() => readIdentity('ALLO_SIP_TLS', { ALLO_SIP_TLS_CERT: ours.certFile, ALLO_SIP_TLS_KEY: ours.keyFile }, epochMs(Date.now())));
    await chmod(ours.keyFile, 0o600);
    assert.deepEqual(fault, { kind: 'faulty', faults: [`ALLO_SIP_TLS_KEY=${ours.keyFile}: this user may not read it`] });
  });
});

/** Root reads everything: it becomes somebody else for the moment. */
function asNobody<T>(work: () => T): T {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.('nobody');
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
