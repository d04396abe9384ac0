import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { sdp, startHarness, until, type Harness } from '../support/harness.ts';
import type { SrfDialog, SrfRequest } from '../support/srf.ts';
import { headerOf, toTagOf } from '../support/udp-peer.ts';
import { WsPeer } from '../support/ws-peer.ts';

const copied = (request: string): string[] => ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request, name)}`);

const reply = (request: string, status: string, options: { tag?: string; body?: string } = {}): string => [
  `SIP/2.0 ${status}`, ...copied(request),
  `To: ${headerOf(request, 'To')}${options.tag === undefined ? '' : `;tag=${options.tag}`}`,
  'Contact: <sip:alice@abc123.invalid;transport=ws>',
  ...(options.body === undefined ? [] : ['Content-Type: application/sdp']),
  `Content-Length: ${options.body?.length ?? 0}`, '', options.body ?? '',
].join('\r\n');

const ask = (method: string, headers: readonly string[] = [], body = ''): string => [
  `${method} sip:centre.example SIP/2.0`, `Via: SIP/2.0/WS abc123.invalid;branch=z9hG4bK-${method}-${headers.length}`,
  'From: <sip:alice@centre.example>;tag=browser', 'Call-ID: ws-call', `CSeq: 1 ${method}`, 'Max-Forwards: 70',
  'Contact: <sip:alice@abc123.invalid;transport=ws>', ...headers, `Content-Length: ${body.length}`, '', body,
].join('\r\n');

describe('SIP over WebSocket (RFC 7118)', () => {
  let harness: Harness;
  let http: Server;
  let url: string;
  let alice: WsPeer;
  let source: SrfRequest;

  before(async () => {
    harness = await startHarness({ allowOrigin: (origin) => origin === undefined || origin === 'https://centre.example' });
    http = createServer().on('upgrade', (request, socket, head: Buffer) => harness.engine.handleUpgrade(request, socket, head));
    await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve); });
    const address = http.address();
    url = `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/sip`;
    harness.srf.use('register', (req, res) => {
      source = req;
      res.send(200, { headers: { Contact: `${req.get('Contact')};expires=60` } });
    });
  });
  after(async () => {
    assert.deepEqual(harness.faults, []);
    await harness.close();
    await new Promise<void>((resolve) => { http.close(() => resolve()); });
  });
  beforeEach(async () => {
    alice = await WsPeer.open(url);
    alice.send(ask('REGISTER', ['To: <sip:alice@centre.example>']));
    await alice.next('SIP/2.0 200');
  });
  afterEach(async () => {
    await alice.cut();
    await until('the connection is gone', () => harness.engine.stats().gauges.connections === 0);
  });

  const ring = (options: { headers?: Record<string, string> } = {}): Promise<SrfDialog> =>
    harness.srf.createUAC(`sip:alice@127.0.0.1:${source.source_port};transport=ws`, { localSdp: sdp(15_000), callingNumber: '100', ...options });

  const answeredCall = async (): Promise<SrfDialog> => {
    const ringing = ring();
    const invite = await alice.next('INVITE');
    alice.send(reply(invite, '180 Ringing', { tag: 'alice' }));
    alice.send(reply(invite, '200 OK', { tag: 'alice', body: sdp(9) }));
    const dialog = await ringing;
    await alice.next('ACK');
    return dialog;
  };

  describe('given a browser that registers', () => {
    it('says where the request came from', () => {
      assert.equal(source.protocol, 'ws');
      assert.equal(source.source_address, '127.0.0.1');
      assert.ok(source.source_port > 0);
    });
  });

  describe('given a call to the browser', () => {
    it('goes over its connection, with a Contact that says so (RFC 7118 §5)', async () => {
      const ringing = ring();
      const invite = await alice.next('INVITE');
      assert.match(headerOf(invite, 'Via'), /^SIP\/2\.0\/WS /);
      assert.match(headerOf(invite, 'Contact'), /;transport=ws>$/);
      alice.send(reply(invite, '486 Busy Here', { tag: 'alice' }));
      await alice.next('ACK');
      await assert.rejects(ringing, { status: 486 });
    });

    it('sends in-dialog requests over it although the Contact is .invalid', async () => {
      const dialog = await answeredCall();
      const modified = dialog.modify(sdp(15_002));
      const reinvite = await alice.next('INVITE sip:alice@abc123.invalid');
      alice.send(reply(reinvite, '200 OK', { body: sdp(9) }));
      await modified;
      await alice.next('ACK sip:alice@abc123.invalid');
      const ended = dialog.destroy();
      alice.send(reply(await alice.next('BYE sip:alice@abc123.invalid'), '200 OK'));
      await ended;
    });

    it('can be reached through the proxy option as well', async () => {
      const ringing = harness.srf.createUAC('sip:alice@abc123.invalid;transport=ws', {
        localSdp: sdp(15_000), proxy: `sip:127.0.0.1:${source.source_port};transport=ws`, callingNumber: '100',
      });
      alice.send(reply(await alice.next('INVITE sip:alice@abc123.invalid'), '603 Decline', { tag: 'alice' }));
      await assert.rejects(ringing, { status: 603 });
    });
  });

  describe('given a call from the browser', () => {
    it('is answered over its connection', async () => {
      const answered = new Promise<SrfDialog>((resolve, reject) => {
        harness.srf.invite((req, res) => { harness.srf.createUAS(req, res, { localSdp: sdp(15_000) }).then(resolve, reject); });
      });
      alice.send(ask('INVITE', ['To: <sip:1000@centre.example>', 'Content-Type: application/sdp'], sdp(9)));
      const ok = await alice.next('SIP/2.0 200');
      alice.send(ask('ACK', [`To: <sip:1000@centre.example>;tag=${toTagOf(ok)}`]));
      const dialog = await answered;
      const ended = dialog.destroy();
      alice.send(reply(await alice.next('BYE'), '200 OK'));
      await ended;
    });
  });

  describe('given a connection that dies', () => {
    it('ends the pending call with 503', async () => {
      const ringing = ring();
      await alice.next('INVITE');
      await alice.cut();
      await assert.rejects(ringing, { status: 503 });
    });

    it('keeps the dialog until the application ends it, which does not take long', async () => {
      const dialog = await answeredCall();
      await alice.cut();
      await until('the connection is gone', () => harness.engine.stats().gauges.connections === 0);
      assert.equal(harness.engine.stats().gauges.dialogs, 1);
      const started = Date.now();
      await dialog.destroy();
      assert.ok(Date.now() - started < 500);
      assert.equal(harness.engine.stats().gauges.dialogs, 0);
    });

    it('answers a call to it with 503 at once', async () => {
      await alice.cut();
      await until('the connection is gone', () => harness.engine.stats().gauges.connections === 0);
      await assert.rejects(ring(), { status: 503 });
    });
  });

  describe('given a text that is not ASCII', () => {
    it('carries UTF-8 unchanged in both directions', async () => {
      const ringing = ring({ headers: { Subject: 'مرحبا é', From: '"Ré Émile" <sip:re@localhost>' } });
      const invite = await alice.next('INVITE');
      assert.equal(headerOf(invite, 'Subject'), 'مرحبا é');
      assert.match(headerOf(invite, 'From'), /^"Ré Émile" <sip:re@127\.0\.0\.1/);
      alice.send(reply(invite, '486 Occupée', { tag: 'alice' }));
      await assert.rejects(ringing, { status: 486, reason: 'Occupée' });
    });
  });

  describe('given more connections than one address may have', () => {
    let small: Harness;
    let server: Server;
    let address: string | undefined;
    const opened: Socket[] = [];

    before(async () => {
      small = await startHarness({ limits: { connectionsPerAddress: 1 } });
      server = createServer().on('upgrade', (request, socket, head: Buffer) => {
        Object.defineProperty(socket, 'remoteAddress', { get: () => address });
        small.engine.handleUpgrade(request, socket, head);
      });
      await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    });
    after(async () => {
      for (const socket of opened) socket.destroy();
      await small.close();
      await new Promise<void>((resolve) => { server.close(() => resolve()); });
    });

    /** Upgrades by hand and sends what is no frame; resolves with all that came back. */
    const upgrade = (): Promise<string> => new Promise((resolve) => {
      const at = server.address();
      const socket = connect(typeof at === 'object' && at !== null ? at.port : 0, '127.0.0.1');
      opened.push(socket);
      let heard = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        if (heard === '') socket.write(Buffer.alloc(64, 0xff));
        heard += chunk;
      });
      socket.on('close', () => resolve(heard)).on('error', () => undefined);
      socket.write('GET /sip HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
        + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: sip\r\n\r\n');
    });

    it('refuses the upgrade, in whatever dress the address comes', async () => {
      address = '127.0.0.1';
      const first = await WsPeer.open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/sip`);
      address = '::ffff:127.0.0.1';
      assert.match(await upgrade(), /^HTTP\/1\.1 503 /);
      await first.cut();
      await until('the connection is gone', () => small.engine.stats().gauges.connections === 0);
    });

    it('survives what a connection sends that was refused after its upgrade', async () => {
      address = undefined; // The peer is gone already, as far as the system knows.
      assert.match(await upgrade(), /^HTTP\/1\.1 101 /);
      assert.deepEqual(small.faults, []);
    });
  });

  describe('given upgrades that are not for us', () => {
    it('refuses another subprotocol with 400 (RFC 7118 §4.1)', async () => {
      await assert.rejects(WsPeer.open(url, { protocols: ['chat'] }), /400/);
    });

    it('refuses an origin that is not allowed with 403', async () => {
      await assert.rejects(WsPeer.open(url, { origin: 'https://evil.example' }), /403/);
      const allowed = await WsPeer.open(url, { origin: 'https://centre.example' });
      await allowed.cut();
    });

    it('answers a keep-alive (RFC 5626 §4.4.1)', async () => {
      alice.send('\r\n\r\n');
      assert.equal(await alice.next('\r\n'), '\r\n');
    });
  });
});
