import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { ClientOptions } from 'ws';
import { HubRig, tokenOf } from './hub-rig.ts';

describe('DeskHub, at the door', () => {
  let rig: HubRig;
  beforeEach(async () => {
    rig = new HubRig({ limits: { maxSocketsPerUser: 2, maxSockets: 3 }, publicOrigins: ['https://desk.example.dz'] });
    await rig.start();
  });
  afterEach(() => rig.stop());

  /** The status with which a socket is refused. */
  async function refusal(username: string, options: ClientOptions = {}): Promise<number | undefined> {
    const socket = rig.connect(username, options);
    socket.on('error', () => socket.terminate());
    const [request, response] = await once(socket, 'unexpected-response') as [ClientRequest, IncomingMessage];
    request.destroy();
    return response.statusCode;
  }

  it('lets nobody in without a session', async () => {
    assert.equal(await refusal('alice', { headers: {} }), 401);
    assert.equal(await refusal('stranger'), 401);
    assert.equal(await refusal('alice', { headers: { Cookie: 'allo_session=short' } }), 401);
  });

  it('lets no page of another site in, signed in or not (RFC 6455 §10.2)', async () => {
    for (const origin of ['https://evil.example', 'null', `https://127.0.0.1:${rig.port + 1}`]) assert.equal(await refusal('alice', { origin }), 403);
    const headers = { Cookie: `allo_session=${tokenOf('alice')}` };
    // The library leaves the header out when it is told no origin.
    const socket = connect(rig.port, '127.0.0.1');
    socket.write(`GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${rig.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n`
      + `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: ${headers.Cookie}\r\n\r\n`);
    const [answer] = await once(socket, 'data') as [Buffer];
    assert.match(String(answer), /^HTTP\/1.1 403 /);
    socket.destroy();
  });

  it('lets our own page in under its public name', async () => {
    await rig.tab('alice', { origin: 'https://desk.example.dz' });
  });

  it('bounds the tabs of one person and the sockets of all', async () => {
    await rig.tab('alice');
    await rig.tab('alice', { n: 2 });
    assert.equal(await refusal('alice'), 503);
    await rig.tab('amina');
    assert.equal(await refusal('sam'), 503);
  });

  it('answers 503 when the sessions cannot be read, and while it closes', async () => {
    rig.sessions.fault = new Error('database is down');
    assert.equal(await refusal('alice'), 503);
    rig.sessions.fault = undefined;
    rig.hub.close();
    assert.equal(await refusal('alice'), 503);
  });

  it('survives a browser that is gone before its session is found', async () => {
    const socket = connect(rig.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${rig.port}\r\nOrigin: http://127.0.0.1:${rig.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    socket.resetAndDestroy();
    await rig.tab('alice');
  });

  it('answers 400 to an upgrade that is no WebSocket', async () => {
    const socket = connect(rig.port, '127.0.0.1');
    socket.write(`GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${rig.port}\r\nOrigin: http://127.0.0.1:${rig.port}\r\nCookie: allo_session=${tokenOf('alice')}\r\n`
      + 'Connection: Upgrade\r\nUpgrade: something\r\n\r\n');
    const [answer] = await once(socket, 'data') as [Buffer];
    assert.match(String(answer), /^HTTP\/1.1 400 /);
    socket.destroy();
  });
});
