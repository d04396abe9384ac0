import assert from 'node:assert/strict';
import type { SipListener } from '../../../server/sip-engine/transport/flow.ts';
import { LocalAddressChooser } from '../../../server/sip-engine/transport/local-address.ts';
import { LocalEnd, pickListener } from '../../../server/sip-engine/transport/local-end.ts';

const chooser = new LocalAddressChooser();
const end = (listener: Partial<SipListener>): LocalEnd => new LocalEnd({ transport: 'udp', host: '10.0.0.5', port: 5060, ...listener }, chooser);

describe('LocalEnd', () => {
  describe('given an external address', () => {
    const behindNat = end({ externalAddress: '203.0.113.5', externalPort: 5080 });

    it('shows it to peers outside, and our own to private networks', () => {
      assert.deepEqual(behindNat.facing('198.51.100.7'), { localAddress: '203.0.113.5', localPort: 5080 });
      for (const near of ['10.9.9.9', '192.168.1.1', '172.20.0.1', '127.0.0.1', '100.64.1.1']) {
        assert.deepEqual(behindNat.facing(near), { localAddress: '10.0.0.5', localPort: 5060 }, near);
      }
    });

    it('takes the networks that it is told for the local ones', () => {
      const told = end({ externalAddress: '203.0.113.5', localNetworks: ['198.51.100.0/24'] });
      assert.equal(told.facing('198.51.100.7').localAddress, '10.0.0.5');
      assert.deepEqual(told.facing('10.9.9.9'), { localAddress: '203.0.113.5', localPort: 5060 });
    });

    it('does not show an IPv4 address to an IPv6 peer', () => {
      assert.equal(end({ host: '::', externalAddress: '203.0.113.5' }).facing('2001:db8::1', '2001:db8::5').localAddress, '2001:db8::5');
    });

    it('knows a request to itself, inside and outside', () => {
      assert.equal(behindNat.isAt('203.0.113.5', 5080), true);
      assert.equal(behindNat.isAt('10.0.0.5', 5060), true);
      assert.equal(behindNat.isAt('203.0.113.5', 5060), false);
      assert.equal(end({ host: '0.0.0.0' }).isAt('127.0.0.1', 5060), true);
    });

    it('refuses one that is no address, and networks that are none', () => {
      assert.throws(() => end({ externalAddress: 'nat.example' }), { code: 'sip.listen-failed' });
      for (const bad of ['10.0.0.0/33', 'lan', '10.0.0.0/x']) assert.throws(() => end({ localNetworks: [bad] }), { code: 'sip.listen-failed' }, bad);
    });
  });

  describe('given a wildcard', () => {
    it('shows the address that the connection came to', () => {
      assert.equal(end({ host: '0.0.0.0' }).facing('127.0.0.1', '127.0.0.9').localAddress, '127.0.0.9');
      assert.equal(end({ host: '0.0.0.0' }).facing('127.0.0.1').localAddress, '127.0.0.1');
      assert.equal(end({ host: '::' }).facing('::1').localAddress, '::1');
    });
  });
});

describe('pickListener', () => {
  const listeners = ['127.0.0.1', '192.0.2.5', '0.0.0.0', '::1'].map((host) => ({ end: end({ host }) }));
  const picked = (peer: string, from = listeners): string | undefined => pickListener(from, peer, chooser)?.end.listener.host;

  it('takes the one of the network of the peer, else a wildcard, else one that is not loopback', () => {
    assert.equal(picked('127.0.0.1'), '127.0.0.1');
    assert.equal(picked('198.51.100.1'), '0.0.0.0');
    assert.equal(picked('198.51.100.1', listeners.slice(0, 2)), '192.0.2.5');
    assert.equal(picked('::1'), '::1');
  });

  it('takes none of another family', () => {
    assert.equal(picked('2001:db8::1', listeners.slice(0, 3)), undefined);
  });
});
