import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { isComplete, readConfig, type Config } from '../../server/config.ts';
import { sayPlace, sipPlaces } from '../../server/config/sip-places.ts';
import { preflight } from '../../server/preflight.ts';
import { freePort } from '../support/sipp.ts';

type Env = Readonly<Record<string, string>>;

const good = (env: Env): Config => {
  const reading = readConfig(env);
  assert.ok(isComplete(reading), reading.faults.join('\n'));
  return reading.values;
};
/** What is tried about ports: nothing is made in a directory. */
const tryPorts = (env: Env): Promise<readonly string[]> => {
  const { ALLO_DATA_DIR, ...values } = readConfig({ ALLO_HTTP_PORT: '0', ...env }).values;
  assert.ok(ALLO_DATA_DIR !== undefined);
  return preflight(values);
};
/** Listens on a TCP port, as another program does. */
const occupy = async (host: string): Promise<{ readonly port: number; readonly free: () => Promise<void> }> => {
  const busy = createServer();
  await new Promise<void>((resolve) => { busy.listen(0, host, resolve); });
  const { port } = busy.address() as AddressInfo; // It listens on a port, so it is no pipe.
  return { port, free: () => new Promise<void>((resolve) => { busy.close(() => resolve()); }) };
};
const places = (env: Env): string[] => sipPlaces(good(env)).map(sayPlace);
const TLS = { ALLO_SIP_TLS_CERT: '/etc/allo/sip.pem', ALLO_SIP_TLS_KEY: '/etc/allo/sip.key' };
const DRACHTIO = { ALLO_DRACHTIO_URL: 'tcp://:x@10.0.0.1', ALLO_SIP_WS_URL: 'wss://sip.example' };

describe('the SIP listeners of the configuration', () => {
  it('are UDP and TCP on port 5060 of every IPv4 interface when nothing is said', () => {
    assert.deepEqual(places({}), ['udp:0.0.0.0:5060', 'tcp:0.0.0.0:5060']);
  });

  it('are UDP and TCP on the address and the port of the short form', () => {
    assert.deepEqual(places({ ALLO_SIP_HOST: '::1', ALLO_SIP_PORT: '5070' }), ['udp:[::1]:5070', 'tcp:[::1]:5070']);
  });

  it('are what the long form names: every transport, both families, a port each', () => {
    assert.deepEqual(
      places({ ALLO_SIP_LISTEN: 'udp:0.0.0.0:5060, UDP:[::]:5060,tcp:[0:0:0:0:0:0:0:1]:5062  tls:192.0.2.1:5061, ws:127.0.0.1:5065\nwss:[2001:DB8::5]:8443', ...TLS }),
      ['udp:0.0.0.0:5060', 'udp:[::]:5060', 'tcp:[::1]:5062', 'tls:192.0.2.1:5061', 'ws:127.0.0.1:5065', 'wss:[2001:db8::5]:8443'],
    );
  });

  it('may share a port where the system lets them: UDP with TCP, IPv4 with IPv6', () => {
    assert.equal(places({ ALLO_SIP_LISTEN: 'udp:0.0.0.0:5060 tcp:0.0.0.0:5060 udp:[::]:5060 tcp:[::]:5060 tcp:127.0.0.1:0 tcp:127.0.0.1:0' }).length, 6);
  });

  it('are not tried on the ports of the short form when the long one cannot be read', async () => {
    const { port, free } = await occupy('127.0.0.1');
    const short = { ALLO_SIP_HOST: '127.0.0.1', ALLO_SIP_PORT: String(port) };
    assert.equal((await tryPorts(short)).length, 1);
    assert.deepEqual(await tryPorts({ ...short, ALLO_SIP_LISTEN: 'udp:5060' }), []);
    await free();
  });

  it('are tried at the start, each by its own protocol, and one IPv6 wildcard beside an IPv4 one', async () => {
    const port = await freePort();
    const wild = ['tcp:0.0.0.0', 'tcp:[::]', 'udp:0.0.0.0', 'udp:[::]'].map((place) => `${place}:${port}`);
    assert.deepEqual(await tryPorts({ ALLO_SIP_LISTEN: [...wild, 'tcp:198.51.100.77:5060', 'udp:[2001:db8::77]:5060'].join(', ') }), [
      'ALLO_SIP_LISTEN: TCP 198.51.100.77:5060 is not an address of this machine',
      'ALLO_SIP_LISTEN: UDP [2001:db8::77]:5060 is not an address of this machine',
    ]);
  });
});

describe('the preflight of an IPv6 listener', () => {
  it('leaves IPv4 on its port to whoever has it', async () => {
    const { port, free } = await occupy('0.0.0.0');
    assert.deepEqual(await tryPorts({ ALLO_SIP_LISTEN: `tcp:[::]:${port}` }), []);
    assert.equal((await tryPorts({ ALLO_SIP_LISTEN: `tcp:0.0.0.0:${port}` })).length, 1);
    await free();
  });
});

describe('the networks of the configuration', () => {
  it('are read as networks and as single addresses', () => {
    const { ALLO_SIP_LOCAL_NETWORKS, ALLO_SIP_TRUSTED_NETWORKS, ALLO_HTTP_TRUSTED_PROXIES } = good({
      ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5', ALLO_SIP_LOCAL_NETWORKS: '10.0.0.0/8, fd00::/8',
      ALLO_SIP_TRUSTED_NETWORKS: '198.51.100.7 2001:db8::/32', ALLO_HTTP_TRUSTED_PROXIES: '10.0.0.2',
    });
    assert.deepEqual(ALLO_SIP_LOCAL_NETWORKS, ['10.0.0.0/8', 'fd00::/8']);
    assert.deepEqual(ALLO_SIP_TRUSTED_NETWORKS, ['198.51.100.7', '2001:db8::/32']);
    assert.deepEqual(ALLO_HTTP_TRUSTED_PROXIES, ['10.0.0.2']);
  });

  it('have ports that a NAT shows under other numbers', () => {
    assert.deepEqual(good({ ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5', ALLO_SIP_EXTERNAL_PORTS: '5080:5060' }).ALLO_SIP_EXTERNAL_PORTS, [{ outside: 5080, inside: 5060 }]);
  });

  it('have origins as browsers write them', () => {
    assert.deepEqual(good({ ALLO_HTTP_ORIGINS: 'https://Desk.example.dz/, http://10.0.0.5:8080' }).ALLO_HTTP_ORIGINS, ['https://desk.example.dz', 'http://10.0.0.5:8080']);
  });
});

describe('a fault of the network settings', () => {
  const cases: readonly [what: string, env: Env, fault: RegExp][] = [
    ['a listener without an address', { ALLO_SIP_LISTEN: 'udp:5060' }, /^ALLO_SIP_LISTEN=udp:5060: "udp:5060" must be transport:address:port, like /],
    ['a transport that is none', { ALLO_SIP_LISTEN: 'sctp:0.0.0.0:5060' }, /"sctp:0\.0\.0\.0:5060" must be transport:address:port/],
    ['a listener by name', { ALLO_SIP_LISTEN: 'udp:sip.example:5060' }, /a numeric address/],
    ['IPv6 without brackets', { ALLO_SIP_LISTEN: 'udp:::1:5060' }, /must be transport:address:port/],
    ['IPv4 in brackets', { ALLO_SIP_LISTEN: 'udp:[127.0.0.1]:5060' }, /must be transport:address:port/],
    ['a port that is none', { ALLO_SIP_LISTEN: 'udp:0.0.0.0:65536' }, /must be transport:address:port/],
    ['several bad listeners', { ALLO_SIP_LISTEN: 'udp:x:1, udp:0.0.0.0:5060, tcp:y:2' }, /"udp:x:1" must be .*; "tcp:y:2" must be /],
    ['listeners on several lines', { ALLO_SIP_LISTEN: 'udp:x:1\n  tcp:127.0.0.1:5060\n' }, /^ALLO_SIP_LISTEN=udp:x:1 tcp:127\.0\.0\.1:5060: [^\n]+$/],
    ['a list of nothing', { ALLO_SIP_LISTEN: ' , ' }, /names nothing/],
    ['both forms', { ALLO_SIP_LISTEN: 'udp:0.0.0.0:5060', ALLO_SIP_PORT: '5060' }, /^ALLO_SIP_LISTEN: stands in the place of ALLO_SIP_PORT; unset one or the other$/],
    ['one place twice', { ALLO_SIP_LISTEN: 'tcp:127.0.0.1:5060, tcp:127.0.0.1:5060' }, /tcp:127\.0\.0\.1:5060 and tcp:127\.0\.0\.1:5060 want the same TCP port/],
    ['one port for TCP and TLS', { ALLO_SIP_LISTEN: 'tcp:0.0.0.0:5060, tls:192.0.2.1:5060', ...TLS }, /tcp:0\.0\.0\.0:5060 and tls:192\.0\.2\.1:5060 want the same TCP port/],
    ['one UDP port of a wildcard', { ALLO_SIP_LISTEN: 'udp:[::]:5060, udp:[::1]:5060' }, /want the same UDP port/],
    ['the port of the pages', { ALLO_SIP_LISTEN: 'wss:0.0.0.0:8080', ...TLS }, /^ALLO_SIP_LISTEN: wss:0\.0\.0\.0:8080 wants the port of ALLO_HTTP_PORT$/],
    ['TLS without a certificate', { ALLO_SIP_LISTEN: 'tls:[::]:5061, wss:0.0.0.0:8443' }, /^ALLO_SIP_TLS_CERT: must be set, with ALLO_SIP_TLS_KEY, for tls:\[::\]:5061 and wss:0\.0\.0\.0:8443$/],
    ['a certificate without its key', { ALLO_SIP_TLS_CERT: 'a.pem' }, /^ALLO_SIP_TLS_KEY: must be set beside ALLO_SIP_TLS_CERT$/],
    ['a key without its certificate', { ALLO_HTTP_TLS_KEY: 'a.key' }, /^ALLO_HTTP_TLS_CERT: must be set beside ALLO_HTTP_TLS_KEY$/],
    ['client certificates without a tls listener', { ALLO_SIP_TLS_CLIENT_CA: 'ca.pem' }, /^ALLO_SIP_TLS_CLIENT_CA: is of no use without a tls listener/],
    ['a demand of certificates that nobody checks', { ALLO_SIP_TLS_CLIENT_CERTIFICATE: 'optional' }, /^ALLO_SIP_TLS_CLIENT_CERTIFICATE: is of no use without ALLO_SIP_TLS_CLIENT_CA$/],
    ['a demand that is none', { ALLO_SIP_LISTEN: 'tls:[::]:5061', ...TLS, ALLO_SIP_TLS_CLIENT_CA: 'ca.pem', ALLO_SIP_TLS_CLIENT_CERTIFICATE: 'never' }, /^ALLO_SIP_TLS_CLIENT_CERTIFICATE=never: .*optional.*required/],
    ['a check that is none', { ALLO_SIP_TLS_CARRIER_CHECK: 'strict' }, /^ALLO_SIP_TLS_CARRIER_CHECK=strict: .*sip.*web.*none/],
    ['an external name', { ALLO_SIP_EXTERNAL_ADDRESS: 'sip.example' }, /^ALLO_SIP_EXTERNAL_ADDRESS=sip\.example: must be a numeric address$/],
    ['a wildcard outside', { ALLO_MEDIA_EXTERNAL_ADDRESS: '0.0.0.0' }, /^ALLO_MEDIA_EXTERNAL_ADDRESS=0\.0\.0\.0: must be a numeric address$/],
    ['an external port that is none', { ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5', ALLO_SIP_EXTERNAL_PORTS: '5080' }, /"5080" must be outside:inside/],
    ['an external port 0', { ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5', ALLO_SIP_EXTERNAL_PORTS: '0:5060' }, /"0:5060" must be outside:inside/],
    ['an external port of no listener', { ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5', ALLO_SIP_EXTERNAL_PORTS: '5080:5070' }, /"5080:5070" names 5070, which no listener has$/],
    ['external ports of no address', { ALLO_SIP_EXTERNAL_PORTS: '5080:5060' }, /^ALLO_SIP_EXTERNAL_PORTS: is of no use without ALLO_SIP_EXTERNAL_ADDRESS$/],
    ['local networks of no address', { ALLO_SIP_LOCAL_NETWORKS: '10.0.0.0/8' }, /^ALLO_SIP_LOCAL_NETWORKS: is of no use without ALLO_SIP_EXTERNAL_ADDRESS$/],
    ['a network that is none', { ALLO_SIP_TRUSTED_NETWORKS: '10.0.0.0/33' }, /"10\.0\.0\.0\/33" must be a network like 10\.0\.0\.0\/8, or an address$/],
    ['a proxy by name', { ALLO_HTTP_TRUSTED_PROXIES: 'proxy.example' }, /"proxy\.example" must be a network/],
    ['an origin with a path', { ALLO_HTTP_ORIGINS: 'https://desk.example/app' }, /"https:\/\/desk\.example\/app" must be an origin like /],
    ['an origin of another scheme', { ALLO_HTTP_ORIGINS: 'ftp://desk.example' }, /must be an origin like /],
    ['listeners beside a drachtio-server', { ...DRACHTIO, ALLO_SIP_LISTEN: 'udp:0.0.0.0:5060' }, /^ALLO_SIP_LISTEN: is of no use beside ALLO_DRACHTIO_URL: that server owns the SIP sockets$/],
    ['an external address beside a drachtio-server', { ...DRACHTIO, ALLO_SIP_EXTERNAL_ADDRESS: '203.0.113.5' }, /^ALLO_SIP_EXTERNAL_ADDRESS: is of no use beside/],
  ];
  for (const [what, env, fault] of cases) {
    it(`has one line for ${what}`, () => {
      const { faults } = readConfig(env);
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0] ?? '', fault);
    });
  }
});
