import assert from 'node:assert/strict';
import { addressKey } from '../../server/base/address-key.ts';
import { TokenBucket } from '../../server/base/token-bucket.ts';
import { isSameOrigin } from '../../server/wire/same-origin.ts';
import { readSessionToken } from '../../server/wire/session-cookie.ts';
import { HandClock } from '../access/hand-clock.ts';

describe('isSameOrigin', () => {
  const cases: readonly [origin: string | undefined, host: string | undefined, expected: boolean][] = [
    ['http://localhost:8080', 'localhost:8080', true],
    ['https://desk.example.dz', 'desk.example.dz', true],
    ['https://desk.example.dz', 'desk.example.dz:443', true],
    ['https://DESK.example.dz', 'desk.example.dz', true],
    ['http://[::1]:8080', '[::1]:8080', true],
    ['http://localhost:8081', 'localhost:8080', false],
    ['https://evil.example', 'desk.example.dz', false],
    ['https://desk.example.dz.evil.example', 'desk.example.dz', false],
    ['chrome-extension://desk.example.dz', 'desk.example.dz', false],
    ['null', 'desk.example.dz', false],
    ['', '', false],
    [undefined, 'desk.example.dz', false],
    ['https://desk.example.dz', undefined, false],
    ['not a url', 'not a url', false],
  ];
  for (const [origin, host, expected] of cases) {
    it(`says ${expected ? 'yes' : 'no'} to ${origin ?? 'no origin'} at ${host ?? 'no host'}`, () => {
      assert.equal(isSameOrigin({ origin, host }), expected);
    });
  }

  it('knows the origins that a proxy hides', () => {
    const publicOrigins = ['https://desk.example.dz'];
    assert.equal(isSameOrigin({ origin: 'https://desk.example.dz', host: '127.0.0.1:8080', publicOrigins }), true);
    assert.equal(isSameOrigin({ origin: 'https://evil.example', host: '127.0.0.1:8080', publicOrigins }), false);
  });
});

describe('readSessionToken', () => {
  const token = 'A'.repeat(43);

  it('finds the token among other cookies', () => {
    assert.equal(readSessionToken(`theme=dark; allo_session=${token}; x=y`), token);
  });

  it('finds nothing in anything that cannot be a token', () => {
    for (const header of [undefined, '', 'allo_session=', 'allo_session=short', `allo_session=${token}A`, `allo_session=${'%'.repeat(43)}`, `other=${token}`]) {
      assert.equal(readSessionToken(header), undefined);
    }
  });
});

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
