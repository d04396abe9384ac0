import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { TlsIdentity } from '../../server/base/tls-identity.ts';
import type { UpgradeHandler } from '../../server/http/upgrade-router.ts';
import { PASSWORD } from '../access/people.ts';
import { openAuthority, type Authority } from '../sip-engine/support/certificates.ts';
import { HttpRig } from './http-rig.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('createHttpServer with a certificate', () => {
  let authority: Authority;
  let ours: TlsIdentity;
  let rig: HttpRig;
  before(async () => {
    authority = await openAuthority();
    ours = await authority.issue('DNS:localhost,IP:127.0.0.1');
  });
  after(() => authority.close());
  beforeEach(() => { rig = new HttpRig(); });
  afterEach(() => rig.stop());

  const ask = (path: string, body?: object, cookie = ''): Promise<Answer> => new Promise((resolve, reject) => {
    const origin = `https://127.0.0.1:${rig.port}`;
    const headers = { Origin: origin, 'Content-Type': 'application/json', ...(cookie === '' ? {} : { Cookie: cookie }) };
    const sent = request(`${origin}${path}`, { ca: authority.ca, agent: false, method: body === undefined ? 'GET' : 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.once('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
  const shake = async (): Promise<TLSSocket> => {
    const socket = connectTls({ port: rig.port, host: '127.0.0.1', ca: authority.ca });
    await once(socket, 'secureConnect');
    return socket;
  };
  const end = async (socket: Socket): Promise<void> => {
    socket.destroy();
    if (!socket.closed) await once(socket, 'close');
  };

  it('serves pages over https, and asks browsers to stay there', async () => {
    await rig.start({ tls: ours });
    const page = await ask('/');
    assert.equal(page.status, 200);
    assert.equal(page.headers['strict-transport-security'], 'max-age=31536000');
    assert.match(String(page.headers['content-security-policy']), new RegExp(`connect-src 'self' wss://127\\.0\\.0\\.1:${rig.port};`));
  });

  it('marks the cookie Secure, and sends softphones to wss', async () => {
    await rig.start({ tls: ours });
    const signedIn = await ask('/api/session', { username: 'alice', password: PASSWORD });
    const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
    assert.match(cookie, /; Secure/);
    const { body } = await ask('/api/session/sip', {}, cookie.split(';')[0]);
    assert.match(body, new RegExp(`"webSocketUrl":"wss://127\\.0\\.0\\.1:${rig.port}/sip"`));
  });

  it('hands upgrades on', async () => {
    const echo: UpgradeHandler = (_request, socket) => { socket.write('HTTP/1.1 101 hub\r\n\r\n'); };
    await rig.start({ tls: ours, upgrades: new Map([['/ws', echo]]) });
    const socket = await shake();
    socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [data] = await once(socket, 'data') as [Buffer];
    assert.match(String(data), /^HTTP\/1\.1 101 hub/);
    await end(socket);
  });

  it('speaks nothing without TLS, and no TLS 1.1 (RFC 8996)', async () => {
    await rig.start({ tls: ours });
    await assert.rejects(fetch(`http://127.0.0.1:${rig.port}/healthz`));
    const old = connectTls({ port: rig.port, host: '127.0.0.1', ca: authority.ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' });
    const [fault] = await once(old, 'error') as [Error];
    assert.match(fault.message, /alert protocol version/); // The server's word, not our own library's.
    await end(old);
  });

  it('presents a renewed certificate to those who connect then, and keeps who is there', async () => {
    await rig.start({ tls: ours });
    const before = await shake();
    rig.server?.renewCertificate(await authority.issue('IP:127.0.0.1,DNS:renewed.example'));
    const after = await shake();
    assert.equal(after.getPeerCertificate().subjectaltname, 'IP Address:127.0.0.1, DNS:renewed.example');
    before.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    const [data] = await once(before, 'data') as [Buffer];
    assert.match(String(data), /^HTTP\/1\.1 200/);
    await end(before);
    await end(after);
  });

  it('closes although somebody has not finished the handshake', async () => {
    await rig.start({ tls: ours });
    const silent = connect(rig.port, '127.0.0.1');
    await once(silent, 'connect');
    await ask('/healthz'); // By now the server has accepted the one before.
    const cut = once(silent, 'close');
    await rig.server?.close(20);
    silent.resume();
    await cut;
  });
});
