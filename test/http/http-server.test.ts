import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { UpgradeHandler } from '../../server/http/upgrade-router.ts';
import { HttpRig } from './http-rig.ts';

/** Sends an upgrade request by hand and gives what comes back, up to the end of the headers. */
async function upgrade(rig: HttpRig, path: string): Promise<{ readonly head: string; readonly socket: Socket }> {
  const socket = connect(rig.port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  let head = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    head += String(chunk);
    if (head.includes('\r\n\r\n')) break;
  }
  return { head, socket };
}

/** Says which handler was reached. */
const echo = (name: string): UpgradeHandler => (_request, socket) => {
  socket.write(`HTTP/1.1 101 ${name}\r\n\r\n`);
};

describe('createHttpServer', () => {
  let rig: HttpRig;
  beforeEach(() => {
    rig = new HttpRig();
  });
  afterEach(() => rig.stop());

  it('says which port is in use', async () => {
    await rig.start();
    const second = new HttpRig();
    await assert.rejects(second.start({ port: rig.port }), (fault: unknown) => {
      assert.ok(fault instanceof Error && 'code' in fault && 'category' in fault);
      assert.equal(fault.code, 'http.port-in-use');
      assert.equal(fault.category, 'config');
      assert.ok(fault.message.includes(`127.0.0.1:${rig.port}`));
      return true;
    });
    await second.stop();
  });

  it('says that an address is not ours', async () => {
    await assert.rejects(rig.start({ host: '192.0.2.1' }), { code: 'http.cannot-listen' });
  });

  it('sends upgrades to the handler of their path, whatever the query', async () => {
    await rig.start({ upgrades: new Map([['/ws', echo('hub')], ['/sip', echo('sip')]]) });
    for (const [path, name] of [['/ws', 'hub'], ['/sip', 'sip'], ['/sip?transport=ws', 'sip']] as const) {
      const { head, socket } = await upgrade(rig, path);
      assert.match(head, new RegExp(`^HTTP/1.1 101 ${name}`));
      socket.destroy();
    }
  });

  it('answers 404 to any other upgrade and ends the connection', async () => {
    await rig.start({ upgrades: new Map([['/ws', echo('hub')]]) });
    for (const path of ['/', '/ws/more', '/WS', '//ws', '/sip']) {
      const { head, socket } = await upgrade(rig, path);
      assert.match(head, /^HTTP\/1.1 404 /);
      socket.resume();
      if (!socket.closed) await once(socket, 'close');
    }
  });

  it('answers 500 when a handler fails, and goes on', async () => {
    await rig.start({ upgrades: new Map([['/ws', () => {
      throw new Error('handler failed');
    }]]) });
    const { head, socket } = await upgrade(rig, '/ws');
    assert.match(head, /^HTTP\/1.1 500 /);
    socket.destroy();
    assert.equal((await fetch(`${rig.baseUrl}/healthz`)).status, 200);
  });

  it('survives a client that resets its connection in the upgrade', async () => {
    await rig.start({ upgrades: new Map([['/ws', echo('hub')]]) });
    const { socket } = await upgrade(rig, '/ws');
    socket.resetAndDestroy();
    assert.equal((await fetch(`${rig.baseUrl}/healthz`)).status, 200);
  });

  it('cuts upgraded sockets when it closes, after the grace, and closes once', async () => {
    await rig.start({ upgrades: new Map([['/ws', echo('hub')]]) });
    const { socket } = await upgrade(rig, '/ws');
    socket.resume();
    const cut = once(socket, 'close');
    await Promise.all([rig.server?.close(20), rig.server?.close(20)]);
    await cut;
    await assert.rejects(fetch(`${rig.baseUrl}/healthz`));
  });

  it('answers 400 to what is no HTTP', async () => {
    await rig.start();
    const socket = connect(rig.port, '127.0.0.1');
    socket.write('INVITE sip:1000@127.0.0.1 SIP/2.0\r\n\r\n');
    const [data] = await once(socket, 'data') as [Buffer];
    assert.match(String(data), /^HTTP\/1.1 400 /);
    socket.destroy();
  });
});
