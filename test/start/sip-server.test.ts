import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { Scope } from '../../server/base/scope.ts';
import { systemClock } from '../../server/base/time.ts';
import { isComplete, readConfig } from '../../server/config.ts';
import type { Trunk } from '../../server/model/centre.ts';
import { asId, type TenantId, type TrunkId } from '../../server/model/ids.ts';
import type { SipEngine } from '../../server/sip-engine/sip-engine.ts';
import { openSipServer, outboundTlsOf, trustedNetworks } from '../../server/start/sip-server.ts';
import { openAuthority, writeIdentity, type Authority } from '../sip-engine/support/certificates.ts';
import { attachSrf, type Srf } from '../sip-engine/support/srf.ts';
import { answerTo, ping, StreamPeer, StreamServer } from '../sip-engine/support/stream-peer.ts';
import { headerOf, UdpPeer } from '../sip-engine/support/udp-peer.ts';
import { WsPeer } from '../sip-engine/support/ws-peer.ts';

const HEADERS = { To: 'sip:alice@carrier.example', From: 'sip:centre@centre.example' };

/** Everything on ephemeral ports of loopback. */
const LISTEN = 'udp:127.0.0.1:0, udp:[::1]:0, tcp:127.0.0.1:0, tls:127.0.0.1:0, wss:127.0.0.1:0';

describe('our own SIP server, as the configuration names it', () => {
  let directory: string;
  let authority: Authority;
  let certificate: Readonly<Record<string, string>>;
  let open: { close(): unknown }[];
  let scope: Scope;
  const faults: unknown[] = [];
  const at = (name: string): string => join(directory, name);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'allo-sip-server-'));
    authority = await openAuthority();
    const { certFile, keyFile } = await writeIdentity(directory, 'ours', await authority.issue('DNS:centre.example,IP:127.0.0.1'));
    certificate = { ALLO_SIP_TLS_CERT: certFile, ALLO_SIP_TLS_KEY: keyFile };
    await writeFile(at('ca.pem'), authority.ca);
  });
  after(async () => {
    await authority.close();
    await rm(directory, { recursive: true });
  });
  beforeEach(() => {
    open = [];
    scope = new Scope();
  });
  afterEach(async () => {
    for (const one of open.reverse()) await one.close();
    await scope.close();
    assert.deepEqual(faults, []);
  });

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<{ engine: SipEngine; srf: Srf; readonly port: (transport: string) => number }> => {
    const reading = readConfig({ ALLO_SIP_LISTEN: LISTEN, ...certificate, ...env });
    assert.ok(isComplete(reading), reading.faults.join('\n'));
    const { engine, secret } = await openSipServer({
      config: reading.values, scope, clock: systemClock, log: pino({ level: 'silent' }), onFault: (cause) => faults.push(cause), peers: [],
    });
    const srf = await attachSrf(engine, secret);
    const closed = once(srf, 'close');
    open.push({ close: () => { srf.disconnect(); return closed; } });
    srf.use('options', (_request, response) => response.send(200, { headers: { Contact: '<sip:localhost>' } }));
    return { engine, srf, port: (transport) => engine.bound.find((bound) => bound.transport === transport)?.port ?? 0 };
  };
  const keep = <T extends { close(): unknown }>(one: T): T => {
    open.push(one);
    return one;
  };
  const overTls = (port: number, identity: object = {}): Promise<StreamPeer> => StreamPeer.tls(port, { ca: authority.ca, ...identity });

  it('listens on each place, and nowhere else', async () => {
    const { engine } = await start();
    assert.deepEqual(engine.bound.map(({ transport, host }) => `${transport} ${host}`), ['udp 127.0.0.1', 'udp ::1', 'tcp 127.0.0.1', 'tls 127.0.0.1', 'wss 127.0.0.1']);
  });

  it('does not start on a certificate that is gone since it was looked at', async () => {
    await assert.rejects(start({ ALLO_SIP_TLS_CERT: at('gone.pem') }), { code: 'start.certificate', category: 'config', message: /ALLO_SIP_TLS_CERT=.*gone\.pem: there is no such file/ });
  });

  describe('given an authority of clients', () => {
    it('wants a certificate of who comes by tls, and none of browsers', async () => {
      const { engine, port } = await start({ ALLO_SIP_TLS_CLIENT_CA: at('ca.pem') });
      const anonymous = await overTls(port('tls')).catch(() => undefined);
      await anonymous?.closed; // With TLS 1.3 the client learns of the refusal after its own part.
      assert.equal(engine.stats().counters['refused.tls-handshake'], 1);
      const known = keep(await overTls(port('tls'), await authority.issue('DNS:carrier.example')));
      known.send(ping('TLS', '127.0.0.1:9', 'known'));
      await known.next('SIP/2.0 200');
      const browser = await WsPeer.open(`wss://127.0.0.1:${port('wss')}/`, { ca: authority.ca });
      keep({ close: () => browser.cut() });
      browser.send(ping('WSS', 'abc.invalid', 'browser'));
      await browser.next('SIP/2.0 200');
    });

    it('lets clients do without when a certificate is optional', async () => {
      const { port } = await start({ ALLO_SIP_TLS_CLIENT_CA: at('ca.pem'), ALLO_SIP_TLS_CLIENT_CERTIFICATE: 'optional' });
      const anonymous = keep(await overTls(port('tls')));
      anonymous.send(ping('TLS', '127.0.0.1:9', 'anonymous'));
      await anonymous.next('SIP/2.0 200');
    });
  });

  describe('given a carrier', () => {
    const serve = async (names: string): Promise<StreamServer> =>
      keep(await StreamServer.open({ tls: { ...await authority.issue(names), ca: authority.ca, requestCert: true, rejectUnauthorized: false } }));
    const options = async (srf: Srf, server: StreamServer): Promise<number> => {
      const request = await srf.request(`sips:alice@localhost:${server.port}`, { method: 'OPTIONS', headers: HEADERS });
      return new Promise((resolve) => { request.once('response', ({ status }: { status: number }) => resolve(status)); });
    };
    const answer = async (server: StreamServer): Promise<StreamPeer> => {
      const connection = await server.connection();
      connection.send(answerTo(await connection.next('OPTIONS'), '200 OK'));
      return connection;
    };

    it('does not talk to one whose authority nobody knows', async () => {
      const { srf } = await start();
      const server = await serve('DNS:localhost');
      assert.equal(await options(srf, server), 503);
    });

    it('talks to one whose authority is named, if the certificate speaks for it (RFC 5922)', async () => {
      const { srf } = await start({ ALLO_SIP_TLS_CARRIER_CA: at('ca.pem') });
      const [server, other] = [await serve('DNS:localhost'), await serve('DNS:other.example')];
      const [status] = await Promise.all([options(srf, server), answer(server)]);
      assert.equal(status, 200);
      assert.equal(await options(srf, other), 503);
    });

    it('still knows the well-known authorities then', () => {
      const { ca } = outboundTlsOf({ ALLO_SIP_TLS_CARRIER_CA: at('ca.pem'), ALLO_SIP_TLS_CARRIER_CHECK: 'web' }, undefined);
      assert.ok(rootCertificates.every((one) => ca?.includes(one)) && ca?.includes(authority.ca));
    });

    it('talks to anyone when nothing shall be checked', async () => {
      const { srf } = await start({ ALLO_SIP_TLS_CARRIER_CHECK: 'none' });
      const server = await serve('DNS:other.example');
      const [status] = await Promise.all([options(srf, server), answer(server)]);
      assert.equal(status, 200);
    });

    for (const [what, purposes, shown] of [['is for any purpose', undefined, true], ['is for clients too', 'serverAuth,clientAuth', true], ['is for servers only', 'serverAuth', false]] as const) {
      it(`${shown ? 'shows' : 'keeps back'} our certificate when it ${what} (RFC 5280 §4.2.1.12)`, async () => {
        const { certFile, keyFile } = await writeIdentity(directory, 'purpose', await authority.issue('DNS:purpose.example', purposes));
        const { srf } = await start({ ALLO_SIP_TLS_CERT: certFile, ALLO_SIP_TLS_KEY: keyFile, ALLO_SIP_TLS_CARRIER_CHECK: 'none' });
        const server = await serve('DNS:localhost');
        const [, connection] = await Promise.all([options(srf, server), answer(server)]);
        assert.equal((connection.socket as TLSSocket).getPeerCertificate().subjectaltname, shown ? 'DNS:purpose.example' : undefined); // A TLS server.
      });
    }
  });

  describe('given a NAT', () => {
    const contactFor = async (env: Readonly<Record<string, string>>): Promise<string> => {
      const { port } = await start({ ALLO_SIP_LISTEN: 'udp:127.0.0.1:0', ...env });
      const carol = keep(await UdpPeer.open());
      carol.send(ping('UDP', `127.0.0.1:${carol.port}`, 'nat'), port('udp'));
      return headerOf(await carol.next('SIP/2.0 200'), 'Contact').replace(`:${port('udp')}>`, ':own>');
    };

    it('shows its outside to peers outside of the local networks', async () => {
      assert.equal(await contactFor({ ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5', ALLO_SIP_LOCAL_NETWORKS: '10.0.0.0/8' }), '<sip:203.0.113.5:own>');
    });

    it('shows our own address to private networks when nothing else is said', async () => {
      assert.equal(await contactFor({ ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5' }), '<sip:127.0.0.1:own>');
    });

    it('shows the outer port of a listener that has one', async () => {
      const spare = await UdpPeer.open();
      const { port } = spare;
      await spare.close();
      assert.equal(await contactFor({
        ALLO_SIP_LISTEN: `udp:127.0.0.1:${port}`, ALLO_SIP_LOCAL_NETWORKS: '10.0.0.0/8',
        ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5', ALLO_SIP_EXTERNAL_PORTS: `5099:${port}`,
      }), '<sip:203.0.113.5:5099>');
    });

    it('has no outside for the other family', async () => {
      const { engine } = await start({ ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5' });
      assert.deepEqual(engine.bound.map(({ host, externalAddress }) => host === '::1' ? externalAddress === undefined : externalAddress === '203.0.113.5'), Array(5).fill(true));
    });
  });

  describe('given pages', () => {
    const opens = async (port: number, origin: string): Promise<boolean> => {
      const peer = await WsPeer.open(`wss://127.0.0.1:${port}/`, { ca: authority.ca, origin }).catch(() => undefined);
      await peer?.cut();
      return peer !== undefined;
    };

    it('takes WebSockets of the host that they call, and of the origins that are named', async () => {
      const { port } = await start({ ALLO_HTTP_ORIGINS: 'https://desk.example.dz' });
      const wss = port('wss');
      assert.equal(await opens(wss, `https://127.0.0.1:${wss}`), true);
      assert.equal(await opens(wss, 'https://desk.example.dz'), true);
      for (const origin of ['https://evil.example', 'https://127.0.0.1:1', 'null']) assert.equal(await opens(wss, origin), false, origin);
    });
  });
});

describe('the networks that the SIP guard trusts', () => {
  const trunk = (kind: Trunk['kind'], addresses: readonly string[]): Trunk => ({
    trunkId: asId<TrunkId>('t'), tenantId: asId<TenantId>('t'), name: 't', kind, addresses, region: 'DZ', trustsAssertedIdentity: false,
  });

  it('are this machine, the trunks, the proxies and those that are named', () => {
    assert.deepEqual(
      trustedNetworks(
        { ALLO_HTTP_TRUSTED_PROXIES: ['10.0.0.2'], ALLO_SIP_TRUSTED_NETWORKS: ['198.51.100.0/24'] },
        [trunk('sip', ['203.0.113.0/24']), trunk('web', ['192.0.2.0/24'])],
      ),
      ['127.0.0.0/8', '::1/128', '203.0.113.0/24', '10.0.0.2', '198.51.100.0/24'],
    );
  });
});
