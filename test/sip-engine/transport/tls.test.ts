import assert from 'node:assert/strict';
import type { TLSSocket } from 'node:tls';
import { openAuthority, type Authority } from '../support/certificates.ts';
import { FakeResolver } from '../support/fake-resolver.ts';
import { startHarness, until, type Harness } from '../support/harness.ts';
import { answerTo, ping, StreamPeer, StreamServer } from '../support/stream-peer.ts';
import { headerOf } from '../support/udp-peer.ts';
import { sipIdentities, speaksFor } from '../../../server/sip-engine/transport/peer-identity.ts';
import type { OutboundTls, TlsIdentity } from '../../../server/sip-engine/transport/tls-settings.ts';
import type { PeerCertificate } from 'node:tls';

const HEADERS = { To: 'sip:alice@carrier.example', From: 'sip:centre@centre.example' };

describe('TLS', () => {
  let authority: Authority;
  let stranger: Authority;
  let ours: TlsIdentity;
  let sales: TlsIdentity;
  let carrier: TlsIdentity;
  const open: { close(): Promise<void> }[] = [];

  before(async () => {
    [authority, stranger] = await Promise.all([openAuthority(), openAuthority()]);
    [ours, sales, carrier] = await Promise.all([
      authority.issue('DNS:centre.example,IP:127.0.0.1'), authority.issue('DNS:sales.example'), authority.issue('DNS:carrier.example'),
    ]);
  });
  after(() => Promise.all([authority.close(), stranger.close()]));
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  const start = async (clientCertificate: 'never' | 'optional' | 'required' = 'never', outboundTls?: OutboundTls, dns?: FakeResolver): Promise<Harness> => {
    const harness = await startHarness({
      listeners: [
        { transport: 'udp', host: '127.0.0.1', port: 0 },
        { transport: 'tls', host: '127.0.0.1', port: 0, tls: { ...ours, ca: authority.ca, clientCertificate, serverNames: { 'sales.example': sales } } },
      ],
      timers: { t1: 25, t2: 100, t4: 50 },
      ...(outboundTls === undefined ? {} : { outboundTls }),
      ...(dns === undefined ? {} : { resolver: dns }),
    });
    open.push(harness);
    return harness;
  };
  const portOf = (harness: Harness): number => harness.engine.bound.find(({ transport }) => transport === 'tls')?.port ?? 0;
  const serve = async (identity: TlsIdentity): Promise<StreamServer> => {
    const server = await StreamServer.open({ tls: { ...identity, ca: authority.ca, requestCert: true, rejectUnauthorized: false } });
    open.push(server);
    return server;
  };
  const connect = async (harness: Harness, options: object = {}): Promise<StreamPeer> => {
    const peer = await StreamPeer.tls(portOf(harness), { ca: authority.ca, servername: 'centre.example', ...options });
    open.push(peer);
    return peer;
  };
  const zone = (): FakeResolver => {
    const dns = new FakeResolver();
    dns.a['carrier.example'] = ['127.0.0.1'];
    dns.a['other.example'] = ['127.0.0.1'];
    return dns;
  };

  describe('given a listener', () => {
    it('answers over the connection, and hides its keys', async () => {
      const harness = await start();
      const carol = await connect(harness);
      carol.send(ping('TLS', '127.0.0.1:5999', 't1', ';rport'));
      assert.match(headerOf(await carol.next('SIP/2.0 404'), 'Via'), /^SIP\/2\.0\/TLS 127\.0\.0\.1:5999;/);
      assert.ok(harness.engine.bound.every((bound) => bound.tls === undefined));
    });

    it('presents the certificate of the name that the client asks for (RFC 6066 §3)', async () => {
      const harness = await start();
      for (const [servername, dns] of [['centre.example', 'DNS:centre.example, IP Address:127.0.0.1'], ['sales.example', 'DNS:sales.example']] as const) {
        const peer = await connect(harness, { servername });
        assert.equal((peer.socket as TLSSocket).getPeerCertificate().subjectaltname, dns); // It was opened with TLS.
      }
    });

    it('presents a renewed certificate to those who connect then, still asks clients for theirs, and keeps who is there', async () => {
      const harness = await start('required');
      const before = await connect(harness, { ...carrier });
      const renewed = await authority.issue('DNS:centre.example,DNS:renewed.example');
      harness.engine.renewCertificate(renewed);
      const after = await connect(harness, { ...carrier });
      assert.equal((after.socket as TLSSocket).getPeerCertificate().subjectaltname, 'DNS:centre.example, DNS:renewed.example'); // It was opened with TLS.
      for (const [peer, id] of [[before, 'stays'], [after, 'new']] as const) {
        peer.send(ping('TLS', '127.0.0.1:5999', id));
        await peer.next('SIP/2.0 404');
      }
      const anonymous = await connect(harness).catch(() => undefined);
      await anonymous?.closed;
      assert.equal(harness.engine.stats().counters['refused.tls-handshake'], 1);
      assert.throws(() => harness.engine.renewCertificate({ cert: 'none', key: 'none' }));
    });

    it('speaks no TLS 1.1 (RFC 8996)', async () => {
      const harness = await start();
      await assert.rejects(connect(harness, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }));
      await until('the connection is gone', () => harness.engine.stats().gauges.connections === 0);
    });

    it('refuses plain text, counted, and leaves nothing open', async () => {
      const harness = await start();
      const peer = await StreamPeer.tcp(portOf(harness));
      open.push(peer);
      peer.send(ping('TCP', '127.0.0.1:5999', 'plain'));
      await peer.closed;
      assert.equal(harness.engine.stats().counters['refused.tls-handshake'], 1);
      await until('the connection is gone', () => harness.engine.stats().gauges.connections === 0);
    });

    it('wants a certificate of clients when it is told so', async () => {
      const harness = await start('required');
      const anonymous = await connect(harness).catch(() => undefined);
      await anonymous?.closed; // With TLS 1.3 the client learns of the refusal after its own part.
      assert.equal(harness.engine.stats().counters['refused.tls-handshake'], 1);
      const known = await connect(harness, { ...carrier });
      known.send(ping('TLS', '127.0.0.1:5999', 'known'));
      await known.next('SIP/2.0 404');
    });

    it('does not start without a certificate, and says so', async () => {
      await assert.rejects(startHarness({ listeners: [{ transport: 'tls', host: '127.0.0.1', port: 0 }] }), { code: 'sip.listen-failed', message: /no certificate/ });
    });
  });

  describe('given a call out', () => {
    const options = (harness: Harness, uri: string): Promise<number> => new Promise((resolve, reject) => {
      harness.srf.request(uri, { method: 'OPTIONS', headers: HEADERS }).then((req) => {
        req.once('response', (res: { status: number }) => resolve(res.status));
      }, reject);
    });

    it('asks for the name by SNI, checks the certificate, and writes TLS into Via and Contact', async () => {
      const server = await serve(carrier);
      const harness = await start('never', { verify: 'sip', ca: authority.ca }, zone());
      const status = options(harness, `sips:alice@carrier.example:${server.port}`);
      const connection = await server.connection();
      assert.equal((connection.socket as TLSSocket & { servername: string }).servername, 'carrier.example');
      const request = await connection.next('OPTIONS');
      assert.match(headerOf(request, 'Via'), new RegExp(`^SIP/2\\.0/TLS 127\\.0\\.0\\.1:${portOf(harness)};rport`));
      connection.send(answerTo(request, '200 OK'));
      assert.equal(await status, 200);
    });

    it('sends nothing to a peer with a certificate of another domain, or of a stranger (RFC 5922)', async () => {
      const harness = await start('never', { verify: 'sip', ca: authority.ca }, zone());
      for (const [identity, domain] of [[carrier, 'other.example'], [await stranger.issue('DNS:carrier.example'), 'carrier.example']] as const) {
        const server = await serve(identity);
        assert.equal(await options(harness, `sips:alice@${domain}:${server.port}`), 503);
        assert.equal(server.connections[0]?.text ?? '', '', 'the request stayed here');
      }
      assert.equal(harness.engine.stats().counters['fault.tls-connect'], 2);
    });

    it('opens a second connection for a domain that the first does not speak for, and reuses each (RFC 5923 §9.1)', async () => {
      const server = await serve(await authority.issue('DNS:carrier.example,DNS:other.example'));
      const onlyCarrier = await serve(carrier);
      const harness = await start('never', { verify: 'sip', ca: authority.ca }, zone());
      for (const domain of ['carrier.example', 'other.example', 'carrier.example']) {
        const status = options(harness, `sips:alice@${domain}:${server.port}`);
        const connection = await server.connection();
        connection.send(answerTo(await connection.next('OPTIONS'), '200 OK'));
        assert.equal(await status, 200);
      }
      assert.equal(server.connections.length, 1);
      const first = options(harness, `sips:alice@carrier.example:${onlyCarrier.port}`);
      const connection = await onlyCarrier.connection();
      connection.send(answerTo(await connection.next('OPTIONS'), '200 OK'));
      assert.equal(await first, 200);
      assert.equal(await options(harness, `sips:alice@other.example:${onlyCarrier.port}`), 503);
    });

    it('takes anyone only when it is told not to verify', async () => {
      const server = await serve(await stranger.issue('DNS:nobody.example'));
      const harness = await start('never', { verify: 'none' }, zone());
      const status = options(harness, `sips:alice@carrier.example:${server.port}`);
      const connection = await server.connection();
      connection.send(answerTo(await connection.next('OPTIONS'), '200 OK'));
      assert.equal(await status, 200);
    });

    it('says alias when it has a certificate of its own, and reuses a connection whose verified peer said so (RFC 5923)', async () => {
      const harness = await start('optional', { verify: 'sip', ca: authority.ca, identity: ours }, zone());
      const proxy = await connect(harness, { ...carrier });
      proxy.send(ping('TLS', 'carrier.example:5991', 'alias', ';alias'));
      await proxy.next('SIP/2.0 404');
      const status = options(harness, 'sips:alice@carrier.example:5991');
      const request = await proxy.next('OPTIONS');
      assert.match(headerOf(request, 'Via'), /;branch=z9hG4bK/);
      proxy.send(answerTo(request, '200 OK'));
      assert.equal(await status, 200);
      assert.equal(harness.engine.stats().gauges.connections, 1);

      const server = await serve(carrier);
      const other = options(harness, `sips:alice@carrier.example:${server.port}`);
      const connection = await server.connection();
      const second = await connection.next('OPTIONS');
      assert.match(headerOf(second, 'Via'), /;alias$/);
      connection.send(answerTo(second, '200 OK'));
      assert.equal(await other, 200);
    });

    it('presents a renewed certificate to servers that ask for one', async () => {
      const server = await serve(carrier);
      const harness = await start('never', { verify: 'sip', ca: authority.ca, identity: ours }, zone());
      harness.engine.renewCertificate(await authority.issue('DNS:renewed.example'));
      const status = options(harness, `sips:alice@carrier.example:${server.port}`);
      const connection = await server.connection();
      assert.equal((connection.socket as TLSSocket).getPeerCertificate().subjectaltname, 'DNS:renewed.example'); // A TLS server.
      connection.send(answerTo(await connection.next('OPTIONS'), '200 OK'));
      assert.equal(await status, 200);
    });

    it('gives no requests to a peer that claims an alias without a certificate', async () => {
      const harness = await start('optional', { verify: 'sip', ca: authority.ca }, zone());
      const thief = await connect(harness);
      thief.send(ping('TLS', 'carrier.example:5992', 'thief', ';alias'));
      await thief.next('SIP/2.0 404');
      assert.equal(await options(harness, 'sips:alice@carrier.example:5992'), 503);
      assert.ok(!thief.text.includes('OPTIONS'));
    });
  });
});

describe('speaksFor (RFC 5922 §7)', () => {
  // A cast because only the names matter; the rest comes from OpenSSL.
  const certificate = (subjectaltname: string, CN = 'cn.example'): PeerCertificate => ({ subjectaltname, subject: { CN } }) as unknown as PeerCertificate;

  it('prefers sip URIs to DNS names, and those to the common name', () => {
    assert.deepEqual(sipIdentities(certificate('URI:sip:a.example, DNS:b.example')), ['a.example']);
    assert.deepEqual(sipIdentities(certificate('URI:sip:carol@a.example, DNS:B.example')), ['b.example']);
    assert.deepEqual(sipIdentities(certificate('')), ['cn.example']);
  });

  it('takes a wildcard for the web only', () => {
    const wild = certificate('DNS:*.carrier.example');
    assert.equal(speaksFor(wild, 'a.carrier.example', 'sip'), false);
    assert.equal(speaksFor(wild, 'a.carrier.example', 'web'), true);
    assert.equal(speaksFor(wild, 'a.b.carrier.example', 'web'), false);
    assert.equal(speaksFor(wild, 'anything', 'none'), true);
  });

  it('compares addresses with the addresses of the certificate', () => {
    assert.equal(speaksFor(certificate('IP Address:192.0.2.1'), '192.0.2.1', 'sip'), true);
    assert.equal(speaksFor(certificate('DNS:192.0.2.1'), '192.0.2.1', 'sip'), false);
  });
});
