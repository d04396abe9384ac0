import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { TlsIdentity } from '../../server/base/tls-identity.ts';
import { Scope } from '../../server/base/scope.ts';
import { systemClock } from '../../server/base/time.ts';
import { isComplete, readConfig } from '../../server/config.ts';
import { watchCertificate } from '../../server/start/certificate-watch.ts';
import { openAuthority, writeIdentity, type Authority, type IdentityFiles } from '../sip-engine/support/certificates.ts';
import { until } from '../support/until.ts';

describe('watchCertificate', () => {
  let directory: string;
  let authority: Authority;
  let files: IdentityFiles;
  let scope: Scope;
  let renewed: TlsIdentity[];
  let logged: string;
  let faults: unknown[];

  before(async () => { authority = await openAuthority(); });
  after(() => authority.close());
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'allo-watch-'));
    files = await writeIdentity(directory, 'ours', await authority.issue('DNS:first.example'));
    scope = new Scope();
    renewed = [];
    faults = [];
    logged = '';
  });
  afterEach(async () => {
    await scope.close();
    await rm(directory, { recursive: true });
  });

  const watch = (renew = (identity: TlsIdentity): void => { renewed.push(identity); }): void => {
    const reading = readConfig({ ALLO_HTTP_TLS_CERT: files.certFile, ALLO_HTTP_TLS_KEY: files.keyFile });
    assert.ok(isComplete(reading));
    watchCertificate({
      config: reading.values, scope, clock: systemClock, onFault: (cause) => faults.push(cause), certificateCheckMs: 10,
      log: pino({ level: 'info' }, { write: (line: string) => { logged += line; } }),
    }, { name: 'ALLO_HTTP_TLS', renew });
  };

  it('has a new certificate presented once both files are there', async () => {
    watch();
    const next = await authority.issue('DNS:next.example');
    await writeIdentity(directory, 'ours', next);
    await until(() => renewed.length > 0, 'the renewal');
    assert.deepEqual(renewed[0], next);
    assert.match(logged, /"validUntil":".* GMT".*"msg":"certificate renewed"/);
  });

  it('sees links that are set anew, as certificate clients do', async () => {
    const real = files;
    files = { certFile: join(directory, 'live.pem'), keyFile: join(directory, 'live.key') };
    const link = async (to: IdentityFiles): Promise<void> => {
      for (const which of ['certFile', 'keyFile'] as const) {
        await symlink(to[which], `${files[which]}.new`);
        await rename(`${files[which]}.new`, files[which]);
      }
    };
    await link(real);
    watch();
    const next = await authority.issue('DNS:next.example');
    await link(await writeIdentity(directory, 'next', next));
    await until(() => renewed.length > 0, 'the renewal');
    assert.deepEqual(renewed[0], next);
  });

  it('keeps the old one while certificate and key do not fit, and says so', async () => {
    watch();
    const next = await authority.issue('DNS:next.example');
    await writeIdentity(directory, 'ours', { cert: next.cert, key: (await authority.issue('DNS:x.example')).key });
    await until(() => logged.includes('the old one stays'), 'the complaint');
    assert.deepEqual(renewed, []);
    assert.match(logged, /ours\.key: is not the key of the certificate/);
    await writeIdentity(directory, 'ours', next);
    await until(() => renewed.length > 0, 'the renewal');
    assert.deepEqual(renewed[0], next);
  });

  it('reports what cannot be presented, and lives on', async () => {
    watch(() => { throw new Error('no'); });
    await writeIdentity(directory, 'ours', await authority.issue('DNS:next.example'));
    await until(() => faults.length > 0, 'the report');
  });
});
