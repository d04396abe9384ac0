import assert from 'node:assert/strict';
import { epochMs } from '../../server/base/time.ts';
import { DigestAuthenticator } from '../../server/sip/digest/authenticator.ts';
import { readChallenge } from '../../server/sip/digest/challenge.ts';
import { DigestAccount } from '../../server/sip/digest/digest-account.ts';
import { plainDigestResponse } from '../../server/sip/digest/response.ts';
import { ALICE, FakeCredentials } from './support/fake-credentials.ts';

const refusal = (challenge: string, status = 401) => ({
  status, get: (name: string) => (name === (status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate') ? challenge : undefined),
});

describe('readChallenge', () => {
  it('takes the strongest of several (RFC 8760 §2.4)', () => {
    const found = readChallenge('Digest realm="a", nonce="1", algorithm=MD5, qop="auth", Digest realm="a", nonce="2", algorithm=SHA-256, qop="auth,auth-int"');
    assert.deepEqual(found, { realm: 'a', nonce: '2', opaque: undefined, algorithm: 'SHA-256', hasQop: true, isStale: false });
  });
  it('reads a challenge of old equipment: no algorithm, no qop', () => {
    assert.deepEqual(readChallenge('DIGEST realm="x,y", nonce="n", opaque="o", stale=TRUE'), { realm: 'x,y', nonce: 'n', opaque: 'o', algorithm: 'MD5', hasQop: false, isStale: true });
  });
  for (const value of [undefined, '', 'Basic realm="a"', 'Digest realm="a"', 'Digest realm="a", nonce="n", qop="auth-int"', 'Digest realm="a", nonce="n", algorithm=SHA-512-256', 'x'.repeat(9_000)]) {
    it(`answers nothing to ${String(value).slice(0, 50)}`, () => assert.equal(readChallenge(value), undefined));
  }
});

describe('DigestAccount', () => {
  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    it(`convinces our own registrar with ${algorithm}, again and again with one nonce`, async () => {
      const credentials = new FakeCredentials();
      credentials.add('a1', ALICE);
      const server = new DigestAuthenticator({ realm: 'allo', credentials, clock: () => epochMs(1) });
      const account = new DigestAccount({ username: 'a1', password: 'a1-password' });
      assert.deepEqual(account.authorize('REGISTER', 'sip:allo'), {});
      const asked = await server.authenticate({ method: 'REGISTER', authorization: undefined, algorithm });
      assert.ok(asked.kind === 'challenge');
      assert.equal(account.take(refusal(asked.challenge), false), 'answerable');
      for (const uses of [1, 2, 3]) {
        const authorization = account.authorize('REGISTER', 'sip:allo')['Authorization'];
        assert.equal((await server.authenticate({ method: 'REGISTER', authorization, algorithm })).kind, 'authenticated', `use ${uses}`);
      }
    });
  }
  it('answers old equipment without nonce count, on the header of proxies, with opaque', () => {
    const account = new DigestAccount({ username: 'u', password: 'p' });
    assert.equal(account.take(refusal('Digest realm="r", nonce="n", opaque="o"', 407), false), 'answerable');
    const response = plainDigestResponse({ algorithm: 'MD5', username: 'u', realm: 'r', password: 'p', method: 'INVITE', uri: 'sip:x', nonce: 'n' });
    assert.deepEqual(account.authorize('INVITE', 'sip:x'), {
      'Proxy-Authorization': `Digest username="u", realm="r", nonce="n", uri="sip:x", response="${response}", algorithm=MD5, opaque="o"`,
    });
  });
  it('tells a wrong password from an old nonce', () => {
    const account = new DigestAccount({ username: 'u', password: 'p' });
    account.take(refusal('Digest realm="r", nonce="1", qop="auth"'), false);
    assert.equal(account.take(refusal('Digest realm="r", nonce="2", qop="auth", stale=true'), true), 'answerable');
    assert.equal(account.take(refusal('Digest realm="r", nonce="3", qop="auth"'), true), 'refused');
    assert.equal(account.take(refusal('Negotiate x=y'), false), 'unsupported');
  });
  it('lets nothing that the far end says end a header of ours', () => {
    const account = new DigestAccount({ username: 'u', password: 'p' });
    account.take(refusal('Digest realm="a\\"b\r\nX: y", nonce="n"'), false);
    assert.match(account.authorize('REGISTER', 'sip:x')['Authorization'] ?? '', /realm="a\\"bX: y", nonce="n"/);
  });
});
