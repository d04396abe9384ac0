import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import type { Transport } from '../../../server/sip-engine/transport/flow.ts';
import { findNextHops, type NextHopOutcome } from '../../../server/sip-engine/transport/next-hop.ts';
import { CachedResolver, type ServiceRecord } from '../../../server/sip-engine/transport/resolver.ts';
import { inSrvOrder } from '../../../server/sip-engine/transport/srv-order.ts';
import { TargetHealth } from '../../../server/sip-engine/transport/target-health.ts';
import { FakeResolver, service } from '../support/fake-resolver.ts';

interface Reach { readonly naptr?: boolean; readonly reaches?: readonly string[] }

const ALL = ['udp4', 'tcp4', 'tls4'];

const search = (resolver: FakeResolver, uri: string, { naptr = false, reaches = ALL }: Reach = {}): Promise<NextHopOutcome> =>
  new Promise((resolve) => {
    findNextHops(uri, { resolver, naptr, random: () => 0, canReach: (transport: Transport, family) => reaches.includes(`${transport}${family}`) }, resolve);
  });

const hopsOf = (outcome: NextHopOutcome): string[] => {
  assert.equal(outcome.kind, 'found', outcome.kind === 'none' ? outcome.reason : '');
  return outcome.kind === 'found' ? outcome.hops.map(({ transport, address, port }) => `${transport} ${address} ${port}`) : [];
};

describe('findNextHops (RFC 3263)', () => {
  let dns: FakeResolver;
  const find = async (uri: string, reach?: Reach): Promise<string[]> => hopsOf(await search(dns, uri, reach));

  beforeEach(() => {
    dns = new FakeResolver();
  });

  describe('given a numeric host', () => {
    it('answers at once, without DNS, with the default port of the transport (§4.2)', () => {
      for (const [uri, hop] of [
        ['sip:1000@192.0.2.1', 'udp 192.0.2.1 5060'],
        ['sip:192.0.2.1:5070;transport=tcp', 'tcp 192.0.2.1 5070'],
        ['sip:192.0.2.1;transport=tls', 'tls 192.0.2.1 5061'],
        ['sips:1000@192.0.2.1', 'tls 192.0.2.1 5061'],
        ['sips:192.0.2.1;transport=tcp', 'tls 192.0.2.1 5061'],
        ['sips:192.0.2.1:7443;transport=ws', 'wss 192.0.2.1 7443'],
        ['sip:[2001:db8::1]', 'udp 2001:db8::1 5060'],
        ['sip:x@carrier.example;maddr=192.0.2.9', 'udp 192.0.2.9 5060'],
        ['sip:abc.invalid;transport=ws', 'ws abc.invalid 5060'],
      ] as const) {
        let found: NextHopOutcome | undefined;
        findNextHops(uri, { resolver: dns, naptr: true, random: () => 0, canReach: () => true }, (outcome) => { found = outcome; });
        assert.ok(found, 'told before it returned');
        assert.deepEqual(hopsOf(found), [hop], uri);
      }
      assert.deepEqual(dns.asked, []);
    });

    it('refuses what is no SIP URI and what we do not speak', async () => {
      assert.equal((await search(dns, 'tel:+213550')).kind, 'none');
      assert.deepEqual(await search(dns, 'sip:192.0.2.1;transport=sctp'), { kind: 'none', reason: 'requested protocol/transport not available' });
      assert.equal((await search(dns, 'sips:192.0.2.1;transport=udp')).kind, 'none');
    });
  });

  describe('given a name with a port', () => {
    it('asks for addresses only (§4.2)', async () => {
      dns.a['pbx.example'] = ['192.0.2.1', '192.0.2.2'];
      assert.deepEqual(await find('sip:pbx.example:5080'), ['udp 192.0.2.1 5080', 'udp 192.0.2.2 5080']);
      assert.deepEqual(dns.asked, ['A pbx.example']);
    });

    it('asks for both families when we have both', async () => {
      dns.a['pbx.example'] = ['192.0.2.1'];
      dns.aaaa['pbx.example'] = ['2001:db8::1'];
      assert.deepEqual(await find('sip:pbx.example:5080', { reaches: ['udp4', 'udp6'] }), ['udp 192.0.2.1 5080', 'udp 2001:db8::1 5080']);
      assert.deepEqual(await find('sip:pbx.example:5080', { reaches: ['udp6'] }), ['udp 2001:db8::1 5080']);
    });
  });

  describe('given a name alone', () => {
    it('follows its SRV records, by priority, each target by its addresses (§4.2)', async () => {
      dns.srv['_sip._udp.carrier.example'] = [service('b.carrier.example', 5070, 20), service('a.carrier.example', 5060, 10)];
      dns.a['a.carrier.example'] = ['192.0.2.1', '192.0.2.2'];
      dns.a['b.carrier.example'] = ['192.0.2.3'];
      assert.deepEqual(await find('sip:carrier.example'), ['udp 192.0.2.1 5060', 'udp 192.0.2.2 5060', 'udp 192.0.2.3 5070']);
    });

    it('takes the first of our transports that has SRV records (§4.1)', async () => {
      dns.srv['_sips._tcp.carrier.example'] = [service('a.carrier.example', 5061)];
      dns.a['a.carrier.example'] = ['192.0.2.1'];
      assert.deepEqual(await find('sip:carrier.example'), ['tls 192.0.2.1 5061']);
      assert.deepEqual(dns.asked.slice(0, 3), ['SRV _sip._udp.carrier.example', 'SRV _sip._tcp.carrier.example', 'SRV _sips._tcp.carrier.example']);
    });

    it('asks for the SRV of the transport that the URI names', async () => {
      dns.srv['_sip._tcp.carrier.example'] = [service('a.carrier.example', 5060)];
      dns.a['a.carrier.example'] = ['192.0.2.1'];
      assert.deepEqual(await find('sip:carrier.example;transport=tcp'), ['tcp 192.0.2.1 5060']);
      assert.deepEqual(await find('sips:carrier.example').catch(() => ['none']), ['none']);
      assert.ok(dns.asked.includes('SRV _sips._tcp.carrier.example'));
    });

    it('falls back to addresses and the default port without SRV (§4.2)', async () => {
      dns.a['carrier.example'] = ['192.0.2.1'];
      assert.deepEqual(await find('sip:carrier.example'), ['udp 192.0.2.1 5060']);
      assert.deepEqual(await find('sips:carrier.example'), ['tls 192.0.2.1 5061']);
    });

    it('goes nowhere when SRV says that there is no service (RFC 2782, target ".")', async () => {
      dns.srv['_sip._udp.carrier.example'] = [service('.', 0)];
      dns.a['carrier.example'] = ['192.0.2.1'];
      assert.equal((await search(dns, 'sip:carrier.example')).kind, 'none');
    });

    it('survives a target that does not resolve, and says so when none does', async () => {
      dns.srv['_sip._udp.carrier.example'] = [service('gone.example', 5060, 1), service('here.example', 5060, 2)];
      dns.broken.add('gone.example');
      dns.a['here.example'] = ['192.0.2.2'];
      assert.deepEqual(await find('sip:carrier.example'), ['udp 192.0.2.2 5060']);
      dns.broken.add('dark.example');
      assert.deepEqual(await search(dns, 'sip:dark.example:5060'), { kind: 'none', reason: 'no address for dark.example (ETIMEOUT)' });
    });

    it('asks for no SRV of a name without a dot: the hosts file has none', async () => {
      dns.a.asterisk = ['192.0.2.1'];
      assert.deepEqual(await find('sip:asterisk'), ['udp 192.0.2.1 5060']);
      assert.deepEqual(dns.asked, ['A asterisk']);
    });

    it('takes at most sixteen targets of a zone', async () => {
      dns.srv['_sip._udp.carrier.example'] = Array.from({ length: 400 }, (_one, i) => service(`t${i}.example`, 5060, i));
      for (let i = 0; i < 400; i += 1) dns.a[`t${i}.example`] = [`192.0.2.${i % 250}`, '198.51.100.1'];
      assert.equal((await find('sip:carrier.example')).length, 16);
      assert.ok(dns.asked.length <= 17);
    });

    it('keeps the domain of the URI for the certificate (RFC 5922 §4)', async () => {
      dns.srv['_sips._tcp.carrier.example'] = [service('edge.hoster.example', 5061)];
      dns.a['edge.hoster.example'] = ['192.0.2.1'];
      const outcome = await search(dns, 'sips:carrier.example');
      assert.ok(outcome.kind === 'found');
      assert.equal(outcome.hops[0].domain, 'carrier.example');
    });
  });

  describe('given NAPTR records, when they are wanted', () => {
    beforeEach(() => {
      dns.naptr['carrier.example'] = [
        { order: 20, preference: 1, flags: 's', service: 'SIP+D2U', replacement: '_sip._udp.carrier.example' },
        { order: 10, preference: 2, flags: 's', service: 'SIP+D2T', replacement: 'tcp.carrier.example' },
        { order: 10, preference: 1, flags: 's', service: 'SIP+D2S', replacement: 'sctp.carrier.example' },
      ];
      dns.srv['tcp.carrier.example'] = [service('a.carrier.example', 5065)];
      dns.srv['_sip._udp.carrier.example'] = [service('a.carrier.example', 5060)];
      dns.a['a.carrier.example'] = ['192.0.2.1'];
    });

    it('takes the first that we speak (§4.1)', async () => {
      assert.deepEqual(await find('sip:carrier.example', { naptr: true }), ['tcp 192.0.2.1 5065']);
    });

    it('does not ask otherwise, nor when the URI names the transport', async () => {
      assert.deepEqual(await find('sip:carrier.example'), ['udp 192.0.2.1 5060']);
      assert.deepEqual(await find('sip:carrier.example;transport=udp', { naptr: true }), ['udp 192.0.2.1 5060']);
      assert.ok(!dns.asked.some((one) => one.startsWith('NAPTR')));
    });
  });
});

describe('inSrvOrder (RFC 2782)', () => {
  it('goes by priority before all', () => {
    assert.deepEqual(inSrvOrder([service('c', 1, 3), service('a', 1, 1), service('b', 1, 2)], () => 0.99).map(({ host }) => host), ['a', 'b', 'c']);
  });

  it('chooses among equal priorities in the proportion of their weights', () => {
    const records: ServiceRecord[] = [service('heavy', 1, 1, 75), service('light', 1, 1, 25)];
    let heavy = 0;
    for (let i = 0; i < 1_000; i += 1) if (inSrvOrder(records, () => i / 1_000)[0]?.host === 'heavy') heavy += 1;
    assert.ok(heavy > 740 && heavy < 765, `${heavy} of 1000`);
  });

  it('leaves none out, and gives weight 0 a small chance', () => {
    const records = [service('a', 1, 1, 0), service('b', 1, 1, 100), service('c', 1, 1, 0)];
    assert.equal(new Set(inSrvOrder(records, Math.random).map(({ host }) => host)).size, 3);
    assert.equal(inSrvOrder(records, () => 0)[0]?.host, 'a');
    assert.equal(inSrvOrder(records, () => 0.5)[0]?.host, 'b');
  });
});

describe('CachedResolver', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => { clock = useFakeTimers({ now: 1_000, toFake: ['Date'] }); });
  afterEach(() => { clock.restore(); });

  it('asks once for what many want at once, and again after the time to live', async () => {
    const dns = new FakeResolver();
    dns.a.x = ['192.0.2.1'];
    const cached = new CachedResolver(dns);
    await Promise.all([cached.addresses('x', 4), cached.addresses('x', 4)]);
    clock.tick(9_999);
    await cached.addresses('x', 4);
    assert.equal(dns.asked.length, 1);
    clock.tick(2);
    await cached.addresses('x', 4);
    assert.equal(dns.asked.length, 2);
  });

  it('does not keep a fault, and not more than its bound', async () => {
    const dns = new FakeResolver();
    dns.broken.add('x');
    const cached = new CachedResolver(dns);
    await assert.rejects(cached.services('x'));
    dns.broken.clear();
    await cached.services('x');
    for (let i = 0; i < 3_000; i += 1) await cached.addresses(`n${i}`, 4);
    assert.equal(cached.size, 2_000);
  });
});

describe('TargetHealth', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => { clock = useFakeTimers({ now: 1_000, toFake: ['Date'] }); });
  afterEach(() => { clock.restore(); });
  const hop = (port: number) => ({ transport: 'udp', address: '192.0.2.1', port }) as const;

  it('puts what failed lately last, and forgets it after a while', () => {
    const health = new TargetHealth();
    health.markFailed(hop(1));
    assert.deepEqual(health.inOrder([hop(1), hop(2)]), [hop(2), hop(1)]);
    clock.tick(30_001);
    assert.deepEqual(health.inOrder([hop(1), hop(2)]), [hop(1), hop(2)]);
    health.markFailed(hop(1));
    health.markWell(hop(1));
    assert.equal(health.hasFailed(hop(1)), false);
  });
});
