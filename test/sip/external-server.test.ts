import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlloProcess } from '../support/allo-process.ts';
import { freePort, type SippResult } from '../support/sipp.ts';
import { until } from '../support/until.ts';
import * as sipp from './support/scenario.ts';
import { WsPhone } from './support/ws-phone.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SECRET = 'p@ss:w0rd';

describe('Allo on a SIP server in another process (ALLO_DRACHTIO_URL)', function () {
  this.timeout(60_000);
  let directory: string;
  let ports: { readonly sip: number; readonly admin: number; readonly ws: number; readonly http: number };
  let allo: AlloProcess | undefined;
  let server: ChildProcess | undefined;

  const startServer = async (): Promise<void> => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/sip/support/engine-process.ts', ...[ports.sip, ports.admin, ports.ws].map(String), SECRET], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    server = child;
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text; });
    await until(() => output.includes('ready'), 'the SIP server', 20_000);
  };
  const killServer = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  const startAllo = (env: Readonly<Record<string, string>> = {}): AlloProcess => {
    allo = AlloProcess.start({
      ALLO_DATA_DIR: join(directory, 'data'), ALLO_HTTP_PORT: String(ports.http), ALLO_LOG_LEVEL: 'info', ALLO_DRAIN_LIMIT_MS: '500',
      // Taken by the other process: Allo must not want it.
      ALLO_SIP_HOST: '127.0.0.1', ALLO_SIP_PORT: String(ports.sip),
      ALLO_DRACHTIO_URL: `tcp://127.0.0.1:${ports.admin}`, ALLO_DRACHTIO_SECRET: SECRET, ALLO_SIP_WS_URL: `ws://127.0.0.1:${ports.ws}/sip`, ...env,
    });
    return allo;
  };
  /** A caller whom the voice menu answers, and who hangs up. */
  const call = (): Promise<SippResult> => sipp.call([
    sipp.invite(), sipp.maybe(100), sipp.expect(200), sipp.ack(), sipp.pause(200), sipp.inDialog('BYE', 2), sipp.expect(200),
  ], { remote: `127.0.0.1:${ports.sip}` });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'allo-external-'));
    ports = { sip: await freePort(), admin: await freePort(), ws: await freePort(), http: await freePort() };
  });
  afterEach(async () => {
    await allo?.kill();
    await killServer();
    await rm(directory, { recursive: true, force: true });
  });

  it('takes calls there, sends browsers there, and comes back when that server does', async () => {
    await startServer();
    await startAllo().ready();
    const first = await call();
    assert.equal(first.exitCode, 0, first.errors);

    const response = await fetch(`http://127.0.0.1:${ports.http}/api/call-us`, { method: 'POST', headers: { Origin: `http://127.0.0.1:${ports.http}` } });
    // A cast because the page's contract is tested elsewhere.
    const access = await response.json() as { webSocketUrl: string; username: string; password: string; aor: string };
    assert.equal(access.webSocketUrl, `ws://127.0.0.1:${ports.ws}/sip`);
    assert.match(response.headers.get('content-security-policy') ?? '', new RegExp(`connect-src [^;]* ws://127\\.0\\.0\\.1:${ports.ws}(;| )`));
    const phone = await WsPhone.open(access.webSocketUrl, access.username, access.aor.split('@')[1]);
    assert.equal((await phone.register(access.password)).status, 200);
    await phone.close();

    const talking = sipp.call([sipp.invite(), sipp.maybe(100), sipp.expect(200), sipp.ack(), sipp.pause(20_000)], { remote: `127.0.0.1:${ports.sip}`, timeoutMs: 3_000 });
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    await killServer();
    await until(() => allo?.output.includes('signalling-lost'), 'the call to be closed');
    await talking;
    await startServer();
    await until(() => allo?.output.includes('connection to the SIP server restored'), 'the connection', 20_000);
    const second = await call();
    assert.equal(second.exitCode, 0, second.errors);
    allo?.signal('SIGTERM');
    assert.equal(await allo?.exited(), 0);
  });
  it('says in one line that the server is not there', async () => {
    const waiting = startAllo();
    assert.equal(await waiting.exited(), 1);
    assert.match(waiting.output, /^allo: .*the SIP server cannot be reached/m);
  });
  it('says in one line that the secret is wrong, and does not repeat it', async () => {
    await startServer();
    const waiting = startAllo({ ALLO_DRACHTIO_SECRET: 'guessed' });
    assert.equal(await waiting.exited(), 1);
    assert.match(waiting.output, /^allo: .*does not accept the secret/m);
    assert.doesNotMatch(waiting.output, /guessed/);
  });
});
