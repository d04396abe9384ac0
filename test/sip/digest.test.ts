import assert from 'node:assert/strict';
import { epochMs } from '../../server/base/time.ts';
import { parseAuthorization } from '../../server/sip/digest/authorization.ts';
import { NonceMint } from '../../server/sip/digest/nonce-mint.ts';
import { digestResponse } from '../../server/sip/digest/response.ts';

const EXAMPLE = {
  username: 'Mufasa', realm: 'http-auth@example.org', password: 'Circle of Life', method: 'GET', uri: '/dir/index.html',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v', nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
};

describe('digestResponse (RFC 7616 §3.9.1)', () => {
  it('gives the MD5 response of the example', () => {
    assert.equal(digestResponse({ ...EXAMPLE, algorithm: 'MD5' }), '8ca523f5e9506fed4657c9700eebdbec');
  });
  it('gives the SHA-256 response of the example', () => {
    assert.equal(digestResponse({ ...EXAMPLE, algorithm: 'SHA-256' }), '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
  });
});

describe('parseAuthorization', () => {
  const header = (over: Record<string, string> = {}): string => {
    const params = { username: '"u"', realm: '"allo"', nonce: '"n"', uri: '"sip:allo"', response: '"AB"', qop: 'auth', nc: '00000001', cnonce: '"c"', ...over };
    return `Digest ${Object.entries(params).filter(([, value]) => value !== '').map(([name, value]) => `${name}=${value}`).join(', ')}`;
  };
  it('reads the credentials of the realm, MD5 when no algorithm is named', () => {
    assert.deepEqual(parseAuthorization(header(), 'allo'), {
      username: 'u', realm: 'allo', nonce: 'n', uri: 'sip:allo', response: 'ab', cnonce: 'c', nc: '00000001', algorithm: 'MD5',
    });
  });
  it('finds its realm behind that of somebody else', () => {
    assert.equal(parseAuthorization(`${header({ realm: '"other"' })}, ${header({ algorithm: 'SHA-256' })}`, 'allo')?.algorithm, 'SHA-256');
  });
  const refused: readonly [string, string][] = [
    ['another realm', header({ realm: '"other"' })], ['no qop', header({ qop: '' })], ['qop=auth-int', header({ qop: 'auth-int' })],
    ['an algorithm not offered', header({ algorithm: 'MD5-sess' })], ['a nonce count that is no number', header({ nc: '1' })],
    ['no user', header({ username: '' })], ['another scheme', header().replace('Digest', 'Basic')], ['rubbish', '=,="'], ['a huge header', header({ cnonce: `"${'x'.repeat(9000)}"` })],
  ];
  for (const [what, value] of refused) {
    it(`takes nothing with ${what}`, () => assert.equal(parseAuthorization(value, 'allo'), undefined));
  }
});

describe('NonceMint', () => {
  const make = (maxTracked = 100) => {
    const time = { now: 1_000_000 };
    return { time, mint: new NonceMint({ clock: () => epochMs(time.now), maxTracked }) };
  };
  const at = (mint: NonceMint, nonce: string) => {
    const check = mint.check(nonce);
    assert.ok(check.kind === 'fresh');
    return check.mintedAt;
  };
  it('knows its own nonce for five minutes', () => {
    const { mint, time } = make();
    const nonce = mint.mint();
    time.now += 5 * 60_000 - 1;
    assert.equal(mint.check(nonce).kind, 'fresh');
    time.now += 1;
    assert.equal(mint.check(nonce).kind, 'stale');
  });
  it('does not know the nonce of another process, nor one changed by a bit', () => {
    const { mint } = make();
    assert.equal(mint.check(make().mint.mint()).kind, 'foreign');
    const bytes = Buffer.from(mint.mint(), 'base64url');
    bytes.writeUInt8(bytes.readUInt8(7) ^ 1, 7);
    assert.equal(mint.check(bytes.toString('base64url')).kind, 'foreign');
    assert.equal(mint.check('').kind, 'foreign');
  });
  it('takes each nonce count once, and none that is lower', () => {
    const { mint } = make();
    const nonce = mint.mint();
    const mintedAt = at(mint, nonce);
    assert.deepEqual([1, 1, 3, 2, 4].map((nc) => mint.use(nonce, mintedAt, nc)), [true, false, true, false, true]);
    assert.equal(mint.use(mint.mint(), mintedAt, 0), false);
  });
  it('holds nonces whose counts it had to forget for stale, so that none is replayed', () => {
    const { mint, time } = make(2);
    const first = mint.mint();
    mint.use(first, at(mint, first), 1);
    for (let n = 0; n < 2; n += 1) {
      time.now += 1;
      const nonce = mint.mint();
      assert.ok(mint.use(nonce, at(mint, nonce), 1));
    }
    assert.equal(mint.check(first).kind, 'stale');
  });
});
