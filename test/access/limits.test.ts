import assert from 'node:assert/strict';
import { addressKey } from '../../server/base/address-key.ts';
import { TokenBucket } from '../../server/base/token-bucket.ts';
import { HandClock } from './hand-clock.ts';

describe('addressKey', () => {
  it('counts an IPv4 address as itself, mapped into IPv6 too (RFC 4291 §2.5.5.2)', () => {
    assert.equal(addressKey('192.0.2.1'), '192.0.2.1');
    assert.equal(addressKey('::ffff:192.0.2.1'), '192.0.2.1');
  });

  it('counts an IPv6 address under its /64, however it is written', () => {
    assert.equal(addressKey('2001:db8:0:1:aaaa::1'), '2001:db8:0:1::/64');
    assert.equal(addressKey('2001:0db8::1:bbbb:0:0:2'), '2001:db8:0:1::/64');
    assert.equal(addressKey('::1'), '0:0:0:0::/64');
    assert.equal(addressKey('fe80::1%eth0'), 'fe80:0:0:0::/64');
    assert.notEqual(addressKey('2001:db8:0:1::1'), addressKey('2001:db8:0:2::1'));
  });

  it('leaves what is no address alone', () => {
    assert.equal(addressKey('unknown'), 'unknown');
  });
});

describe('TokenBucket', () => {
  it('lets so many through at once and so many per second after that', () => {
    const clock = new HandClock();
    const bucket = new TokenBucket({ capacity: 2, refillPerSecond: 0.5, clock: clock.read });
    assert.deepEqual([bucket.take(), bucket.take(), bucket.take()], [true, true, false]);
    assert.equal(bucket.waitMs(), 2_000);
    clock.advance(1_999);
    assert.equal(bucket.take(), false);
    clock.advance(1);
    assert.deepEqual([bucket.take(), bucket.take()], [true, false]);
  });

  it('holds no more than its capacity, and survives a clock that is set back', () => {
    const clock = new HandClock();
    const bucket = new TokenBucket({ capacity: 1, refillPerSecond: 1, clock: clock.read });
    clock.advance(3_600_000);
    assert.deepEqual([bucket.take(), bucket.take()], [true, false]);
    clock.advance(-60_000);
    assert.equal(bucket.take(), false);
    clock.advance(1_000);
    assert.equal(bucket.take(), true);
  });
});
