import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { WebSocket } from 'ws';
import type { SipListener } from '../../../server/sip-engine/transport/flow.ts';
import { openAuthority, type Authority } from '../support/certificates.ts';
import { startHarness, until, type Harness } from '../support/harness.ts';
import type { SrfRequest } from '../support/srf.ts';
import { answerTo, ping, StreamPeer, StreamServer } from '../support/stream-peer.ts';
import { headerOf } from '../support/udp-peer.ts';

describe('listeners', () => {
  let authority: Authority;
  let harness: Harness;
  let seen: SrfRequest[];

  before(async () => {
    authority = await openAuthority();
    const tls = await authority.issue('IP:127.0.0.1,IP:127.0.0.2,IP:0:0:0:0:0:0:0:1');
    const hosts = ['127.0.0.1', '127.0.0.2', '::1'];
    const listeners: SipListener[] = hosts.flatMap((host) => (['udp', 'tcp', 'tls', 'ws', 'wss'] as const).map((transport) => ({
      transport, host, port: 0, ...(transport === 'tls' || transport === 'wss' ? { tls } : {}),
    })));
    harness = await startHarness({ listeners, outboundTls: { verify: 'sip', ca: authority.ca } });
    harness.srf.use('options', (req, res) => {
      seen.push(req);
      res.send(200, { headers: { Contact: '<sip:localhost>' } });
    });
  });
  beforeEach(() => { seen = []; });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
    await authority.close();
  });

  const bound = (transport: string, host: string): number => harness.engine.bound.find((one) => one.transport === transport && one.host === host)?.port ?? 0;
  const text = (host: string): string => (host.includes(':') ? `[${host}]` : host);
  const settled = (): Promise<void> => until('the connection is gone', () => harness.engine.stats().gauges.connections === 0);

  /** Sends one datagram and waits for the answer. */
  const datagram = (host: string, message: string | Buffer): Promise<Buffer> => new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('message', (data) => { socket.close(() => resolve(data)); });
    socket.bind(0, host, () => socket.send(message, bound('udp', host), host));
  });

  for (const host of ['127.0.0.1', '127.0.0.2', '::1']) {
    describe(`given ${host}`, () => {
      it('answers over UDP with the Contact of the listener', async () => {
        const answer = (await datagram(host, ping('UDP', `${text(host)}:9`, `u${host.length}`, ';rport'))).toString();
        assert.match(answer, /^SIP\/2\.0 200/);
        assert.match(headerOf(answer, 'Via'), new RegExp(`;received=${host}$`));
        assert.equal(headerOf(answer, 'Contact'), `<sip:${text(host)}:${bound('udp', host)}>`);
      });

      for (const transport of ['tcp', 'tls'] as const) {
        it(`answers over ${transport.toUpperCase()} with the Contact of the listener`, async () => {
          const port = bound(transport, host);
          const peer = transport === 'tcp' ? await StreamPeer.tcp(port, host) : await StreamPeer.tls(port, { host, ca: authority.ca });
          peer.send(ping(transport.toUpperCase(), `${text(host)}:9`, `${transport}${host.length}`));
          assert.equal(headerOf(await peer.next('SIP/2.0 200'), 'Contact'), `<sip:${text(host)}:${port};transport=${transport}>`);
          assert.equal(seen[0]?.protocol, transport);
          assert.equal(seen[0]?.source_address, host === '127.0.0.2' ? '127.0.0.1' : host); // Where the kernel sends from.
          await peer.close();
          await settled();
        });
      }

      for (const transport of ['ws', 'wss'] as const) {
        it(`answers over ${transport.toUpperCase()}, and reaches the browser again (RFC 7118)`, async () => {
          const url = `${transport}://${text(host)}:${bound(transport, host)}/`;
          const socket = new WebSocket(url, ['sip'], { ca: authority.ca, origin: `https://${text(host)}:${bound(transport, host)}` });
          const next = (): Promise<string> => new Promise((resolve) => { socket.once('message', (data: Buffer) => resolve(data.toString())); });
          await new Promise((resolve, reject) => { socket.once('open', resolve).once('error', reject); });
          assert.equal(socket.protocol, 'sip');
          socket.send(ping(transport.toUpperCase(), 'abc.invalid', `${transport}${host.length}`));
          const answer = await next();
          assert.equal(headerOf(answer, 'Contact'), `<sip:${text(host)}:${bound(transport, host)};transport=ws>`);
          assert.equal(seen[0]?.protocol, transport);
          const [first] = seen;
          const status = new Promise<number>((resolve, reject) => {
            harness.srf.request(`sip:alice@abc.invalid;transport=ws`, {
              method: 'OPTIONS', proxy: `sip:${text(first?.source_address ?? '')}:${first?.source_port};transport=${transport}`, headers: { To: 'sip:alice@x.example', From: 'sip:c@x.example' },
            }).then((req) => { req.once('response', (res: { status: number }) => resolve(res.status)); }, reject);
          });
          const request = await next();
          assert.match(headerOf(request, 'Via'), new RegExp(`^SIP/2\\.0/${transport.toUpperCase()} `));
          socket.send(answerTo(request, '200 OK'));
          assert.equal(await status, 200);
          const closed = new Promise((resolve) => { socket.once('close', resolve); });
          socket.terminate();
          await closed;
          await settled();
        });
      }

      it('sends out from the listener of the family and the transport', async () => {
        const server = await StreamServer.open({ host });
        const status = new Promise<number>((resolve, reject) => {
          harness.srf.request(`sip:alice@${text(host)}:${server.port};transport=tcp`, { method: 'OPTIONS', headers: { To: 'sip:a@x.example', From: 'sip:c@x.example' } })
            .then((req) => { req.once('response', (res: { status: number }) => resolve(res.status)); }, reject);
        });
        const connection = await server.connection();
        const request = await connection.next('OPTIONS');
        const own = host === '::1' ? host : '127.0.0.1'; // Both IPv4 listeners are in the same network; the first serves.
        assert.match(headerOf(request, 'Via'), new RegExp(`^SIP/2\\.0/TCP ${text(own).replace(/[[\]]/g, '\\$&')}:${bound('tcp', own)};`));
        connection.send(answerTo(request, '200 OK'));
        assert.equal(await status, 200);
        await server.close();
        await settled();
      });

      it('answers STUN on the SIP port (RFC 5626 §4.4.2)', async () => {
        const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), Buffer.alloc(12, 7)]);
        const answer = await datagram(host, request);
        assert.equal(answer.readUInt16BE(0), 0x0101);
        assert.equal(answer.length, host === '::1' ? 44 : 32);
      });
    });
  }

  it('names a port that is in use', async () => {
    const taken = { transport: 'ws', host: '127.0.0.1', port: bound('ws', '127.0.0.1') } as const;
    await assert.rejects(startHarness({ listeners: [taken] }), { code: 'sip.port-in-use', message: /ws 127\.0\.0\.1/ });
  });

  it('takes IPv4 and IPv6 on the same port, each its own wildcard', async () => {
    const first = await startHarness({ listeners: [{ transport: 'tcp', host: '0.0.0.0', port: 0 }, { transport: 'udp', host: '0.0.0.0', port: 0 }] });
    const second = await startHarness({ listeners: [{ transport: 'tcp', host: '::', port: first.tcp }, { transport: 'udp', host: '::', port: first.udp }] });
    await second.close();
    await first.close();
  });

  it('writes the external address for a peer outside of the local networks', async () => {
    const natted = await startHarness({
      listeners: [{ transport: 'udp', host: '127.0.0.1', port: 0, externalAddress: '203.0.113.5', externalPort: 5066, localNetworks: ['10.0.0.0/8'] }],
    });
    const answer = await new Promise<string>((resolve) => {
      const socket = createSocket('udp4');
      socket.once('message', (data) => { socket.close(() => resolve(data.toString())); });
      natted.srf.use('options', (_req, res) => res.send(200, { headers: { Contact: '<sip:localhost>' } }));
      socket.bind(0, '127.0.0.1', () => socket.send(ping('UDP', '127.0.0.1:9', 'nat', ';rport'), natted.udp, '127.0.0.1'));
    });
    assert.equal(headerOf(answer, 'Contact'), '<sip:203.0.113.5:5066>');
    await natted.close();
  });

  describe('given a page of another site', () => {
    it('refuses its WebSocket, and its subprotocol, when nothing else is said', async () => {
      const port = bound('ws', '127.0.0.1');
      for (const [origin, protocol, status] of [
        ['https://evil.example', 'sip', 403], [`http://127.0.0.1:${port + 1}`, 'sip', 403], ['null', 'sip', 403], [`http://127.0.0.1:${port}`, 'chat', 400],
      ] as const) {
        const refusal = new Promise<Error>((resolve) => { new WebSocket(`ws://127.0.0.1:${port}/`, [protocol], { origin }).once('error', resolve); });
        assert.match((await refusal).message, new RegExp(String(status)), origin);
      }
      await settled();
    });
  });

  describe('given a flood of STUN', () => {
    it('drops what is over the rate, counted', async () => {
      const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), Buffer.alloc(12, 7)]);
      const socket = createSocket('udp4');
      for (let i = 0; i < 200; i += 1) socket.send(request, bound('udp', '127.0.0.1'), '127.0.0.1');
      await until('some are dropped', () => (harness.engine.stats().counters['dropped.stun-rate'] ?? 0) > 0);
      await new Promise<void>((resolve) => { socket.close(() => resolve()); });
    });
  });
});
