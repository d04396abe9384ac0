import assert from 'node:assert/strict';
import { epochMs } from '../../server/base/time.ts';
import { DigestAuthenticator } from '../../server/sip/digest/authenticator.ts';
import { readChallenges } from '../../server/sip/digest/challenge.ts';
import { DigestAccount } from '../../server/sip/digest/digest-account.ts';
import { answerChallenges, DigestExchange } from '../../server/sip/digest/digest-exchange.ts';
import { digestResponse, plainDigestResponse } from '../../server/sip/digest/response.ts';
import { ALICE, FakeCredentials } from './support/fake-credentials.ts';
import { fakeResponse } from './support/fake-dialog.ts';

const refusal = (challenge: string, status = 401) => fakeResponse({ status, headers: { [status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate']: challenge } });
const qop = (realm: string, nonce: string, more = ''): string => `Digest realm="${realm}", nonce="${nonce}", qop="auth"${more}`;
const open = () => new DigestAccount({ username: 'u', password: 'p' });

describe('readChallenges', () => {
  it('takes the strongest of one realm (RFC 8760 §2.4)', () => {
    const found = readChallenges(refusal(`${qop('a', '1', ', algorithm=MD5')}, Digest realm="a", nonce="2", algorithm=SHA-256, qop="auth,auth-int"`));
    assert.deepEqual(found, [{ header: 'Authorization', realm: 'a', nonce: '2', opaque: undefined, algorithm: 'SHA-256', hasQop: true, isStale: false }]);
  });
  it('takes one of each realm, of servers and of proxies (RFC 3261 §22.3)', () => {
    const found = readChallenges(fakeResponse({ status: 407, headers: { 'WWW-Authenticate': qop('a', '1'), 'Proxy-Authenticate': `${qop('a', '2')}, ${qop('b', '3')}` } }));
    assert.deepEqual(found.map(({ header, realm, nonce }) => `${header} ${realm} ${nonce}`), ['Authorization a 1', 'Proxy-Authorization a 2', 'Proxy-Authorization b 3']);
  });
  it('reads a challenge of old equipment: no algorithm, no qop', () => {
    const [found] = readChallenges(refusal('DIGEST realm="x,y", nonce="n", opaque="o", stale=TRUE'));
    assert.deepEqual(found, { header: 'Authorization', realm: 'x,y', nonce: 'n', opaque: 'o', algorithm: 'MD5', hasQop: false, isStale: true });
  });
  for (const value of ['', 'Basic realm="a"', 'Digest realm="a"', 'Digest realm="a", nonce="n", qop="auth-int"', 'Digest realm="a", nonce="n", algorithm=SHA-512-256', 'x'.repeat(9_000)]) {
    it(`answers nothing to ${value.slice(0, 50)}`, () => assert.deepEqual(readChallenges(refusal(value)), []));
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
      const asked = await server.authenticate({ method: 'REGISTER', uri: 'sip:allo', authorization: undefined, algorithm });
      assert.ok(asked.kind === 'challenge');
      assert.equal(new DigestExchange(account).take(refusal(asked.challenge)), 'answerable');
      for (const uses of [1, 2, 3]) {
        const authorization = account.authorize('REGISTER', 'sip:allo')['Authorization'];
        assert.equal((await server.authenticate({ method: 'REGISTER', uri: 'sip:allo', authorization, algorithm })).kind, 'authenticated', `use ${uses}`);
      }
    });
  }
  it('answers old equipment without nonce count, on the header of proxies, with opaque', () => {
    const account = open();
    assert.equal(new DigestExchange(account).take(refusal('Digest realm="r", nonce="n", opaque="o"', 407)), 'answerable');
    const response = plainDigestResponse({ algorithm: 'MD5', username: 'u', realm: 'r', password: 'p', method: 'INVITE', uri: 'sip:x', nonce: 'n' });
    assert.deepEqual(account.authorize('INVITE', 'sip:x'), {
      'Proxy-Authorization': `Digest username="u", realm="r", nonce="n", uri="sip:x", response="${response}", algorithm=MD5, opaque="o"`,
    });
  });
  it('counts each nonce on its own, and anew when it changes (RFC 7616 §3.4)', () => {
    const account = open();
    const counts = (): (string | undefined)[] => [...`${account.authorize('BYE', 'sip:x')['Authorization']}`.matchAll(/nonce="(\d)".*?nc=0000000(\d)/g)].map(([, nonce, nc]) => `${nonce}:${nc}`);
    new DigestExchange(account).take(refusal(`${qop('a', '1')}, ${qop('b', '2')}`));
    assert.deepEqual([counts(), counts()], [['1:1', '2:1'], ['1:2', '2:2']]);
    new DigestExchange(account).take(refusal(qop('a', '3')));
    assert.deepEqual(counts(), ['3:1', '2:3']);
    new DigestExchange(account).take(refusal(qop('b', '2')));
    assert.deepEqual(counts(), ['3:2', '2:4']);
  });
  it('keeps to a few realms, the latest', () => {
    const account = open();
    for (let realm = 0; realm < 20; realm += 1) new DigestExchange(account).take(refusal(qop(`r${realm}`, '1')));
    assert.deepEqual(['r11', 'r12', 'r19'].map((realm) => account.knows(realm)), [false, true, true]);
  });
  it('lets nothing that the far end says end a header of ours', () => {
    const account = open();
    new DigestExchange(account).take(refusal('Digest realm="a\\"b\r\nX: y", nonce="n"'));
    assert.match(account.authorize('REGISTER', 'sip:x')['Authorization'] ?? '', /realm="a\\"b X: y", nonce="n"/);
  });
});

describe('DigestExchange', () => {
  it('tells a wrong password from an old nonce, and forgets the wrong one', () => {
    const account = open();
    const exchange = new DigestExchange(account);
    assert.equal(exchange.take(refusal(qop('r', '1'))), 'answerable');
    assert.equal(exchange.take(refusal(qop('r', '2', ', stale=true'))), 'answerable');
    assert.equal(exchange.take(refusal(qop('r', '3'))), 'refused');
    assert.deepEqual(account.authorize('BYE', 'sip:x'), {});
  });
  it('answers each nonce once, stale or not', () => {
    const exchange = new DigestExchange(open());
    exchange.take(refusal(qop('r', '1')));
    assert.equal(exchange.take(refusal(qop('r', '1', ', stale=true'))), 'refused');
  });
  it('ends with one that calls every nonce stale', () => {
    const exchange = new DigestExchange(open());
    const taken = [1, 2, 3, 4, 5].map((nonce) => exchange.take(refusal(qop('r', `${nonce}`, ', stale=true'))));
    assert.deepEqual(taken, ['answerable', 'answerable', 'answerable', 'answerable', 'refused']);
  });
  it('takes a nonce that a far end which started anew does not know for no wrong password', () => {
    const account = open();
    new DigestExchange(account).take(refusal(qop('r', '1')));
    const later = new DigestExchange(account);
    assert.match(later.authorize('BYE', 'sip:x')['Authorization'] ?? '', /nonce="1"/);
    assert.equal(later.take(refusal(qop('r', '2'))), 'answerable');
  });
  it('proves itself to a proxy and to the server behind it, which ask one after the other (RFC 3261 §22.3)', () => {
    const exchange = new DigestExchange(open());
    exchange.take(refusal(qop('proxy', '1'), 407));
    assert.equal(exchange.take(refusal(qop('server', '2'))), 'answerable');
    const headers = exchange.authorize('INVITE', 'sip:x');
    assert.match(headers['Proxy-Authorization'] ?? '', /realm="proxy"/);
    assert.match(headers['Authorization'] ?? '', /realm="server"/);
  });
  it('answers the realms that it may, and no others, and says nothing unasked where it must not', () => {
    const account = open();
    new DigestExchange(account).take(refusal(qop('ours', '1')));
    const exchange = new DigestExchange(account, { isProactive: false, accepts: ({ realm }, from) => realm === 'ours' && from === '192.0.2.1' });
    assert.deepEqual(exchange.authorize('BYE', 'sip:x'), {});
    assert.equal(exchange.take(refusal(qop('theirs', '2'))), 'unsupported');
    assert.equal(exchange.take({ ...refusal(qop('ours', '2')), source_address: '203.0.113.9' }), 'unsupported');
    assert.equal(exchange.take(refusal(`${qop('theirs', '3')}, ${qop('ours', '2')}`)), 'answerable');
    const proof = exchange.authorize('BYE', 'sip:x')['Authorization'] ?? '';
    assert.match(proof, /realm="ours", nonce="2"/);
    assert.doesNotMatch(proof, /theirs/);
  });
  it('says that nothing can be answered', () => assert.equal(new DigestExchange(open()).take(refusal('Negotiate x=y')), 'unsupported'));
});

describe('answerChallenges', () => {
  it('sends again until nobody asks, each time with a proof of its own (SHA-256 only)', async () => {
    const exchange = new DigestExchange(open());
    const sent: (string | undefined)[] = [];
    const attempt = async () => {
      const proof = exchange.authorize('INFO', 'sip:x')['Authorization'];
      sent.push(proof);
      if (proof === undefined) return refusal(qop('r', '1', ', algorithm=SHA-256'));
      return proof.includes('nonce="1"') ? refusal(qop('r', '2', ', algorithm=SHA-256, stale=true')) : fakeResponse({ status: 200 });
    };
    assert.equal((await answerChallenges(exchange, attempt, (response) => response)).result.status, 200);
    const [, , last = ''] = sent;
    const param = (name: string): string => new RegExp(`${name}="?([^",]+)`).exec(last)?.[1] ?? '';
    assert.equal(sent.length, 3);
    assert.equal(param(' response'), digestResponse({
      algorithm: 'SHA-256', username: 'u', realm: 'r', password: 'p', method: 'INFO', uri: 'sip:x', nonce: '2', nc: '00000001', cnonce: param('cnonce'),
    }));
  });
  it('leaves the first challenge where there is no account', async () => {
    let attempts = 0;
    const { result, unanswered } = await answerChallenges(undefined, async () => {
      attempts += 1;
      return refusal(qop('r', '1'));
    }, (response) => response);
    assert.deepEqual([result.status, unanswered, attempts], [401, 'refused', 1]);
  });
});
