import assert from 'node:assert/strict';
import type { SessionView } from '../../server/wire/api.ts';
import { SESSION_LIFETIME_MS } from '../../server/access/sign-in.ts';
import { HttpRig } from './http-rig.ts';
import { assertProblem } from './problem-checks.ts';

describe('/api/session', () => {
  let rig: HttpRig;
  beforeEach(async () => {
    rig = new HttpRig();
    await rig.start();
  });
  afterEach(() => rig.stop());

  describe('given the right password', () => {
    it('says who signed in and for how long', async () => {
      const response = await rig.browser().signIn('alice');
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), {
        userId: 'user-alice', username: 'alice', displayName: 'Alice', role: 'agent', languages: ['en'],
        expiresAt: rig.clock.now + SESSION_LIFETIME_MS,
      } satisfies SessionView);
    });

    it('sets a cookie that no script reads and no other site sends (RFC 6265 §4.1.2)', async () => {
      const cookie = (await rig.browser().signIn('alice')).headers.getSetCookie()[0] ?? '';
      assert.match(cookie, /^allo_session=[\w-]{43};/);
      assert.match(cookie, /; HttpOnly/);
      assert.match(cookie, /; SameSite=Strict/);
      assert.match(cookie, /; Path=\//);
      assert.match(cookie, /; Max-Age=43200/);
      assert.doesNotMatch(cookie, /Secure|Domain/);
    });

    it('knows the person again by the cookie', async () => {
      const browser = await rig.browserOf('sam');
      const view = await (await browser.fetch('/api/session')).json() as SessionView;
      assert.equal(view.role, 'supervisor');
    });

    it('signs out whoever was signed in in this browser before', async () => {
      const browser = await rig.browserOf('alice');
      const before = browser.cookie;
      await browser.signIn('amina');
      assert.notEqual(browser.cookie, before);
      assert.equal(rig.sessions.stored.size, 1);
      assert.equal(rig.signedOut.length, 1);
    });
  });

  describe('given a wrong password', () => {
    it('answers 401, alike for a name that does not exist', async () => {
      const known = await assertProblem(await rig.browser().signIn('alice', 'wrong'), 401, 'http.wrong-credentials');
      const unknown = await assertProblem(await rig.browser().signIn('nobody', 'wrong'), 401, 'http.wrong-credentials');
      assert.equal(known.detail, unknown.detail);
    });

    it('answers 429 with Retry-After after five (RFC 6585 §4)', async () => {
      for (let n = 0; n < 5; n += 1) assert.equal((await rig.browser().signIn('alice', 'wrong')).status, 401);
      const response = await rig.browser().signIn('alice');
      assert.equal(response.headers.get('Retry-After'), '1');
      await assertProblem(response, 429, 'http.too-many-requests');
      rig.clock.advance(1_000);
      assert.equal((await rig.browser().signIn('alice')).status, 200);
    });

    it('does not believe an address that the client says itself', async () => {
      for (let n = 0; n < 5; n += 1) {
        await rig.browser().post('/api/session', { username: 'alice', password: 'wrong' }, { 'X-Forwarded-For': `203.0.113.${n}` });
      }
      await assertProblem(await rig.browser().signIn('alice'), 429, 'http.too-many-requests');
    });

    it('writes no password and no name outside the private part of the log', async () => {
      await rig.browser().signIn('alice', 'my-secret-typo');
      const lines = rig.logged.map((line) => JSON.stringify({ ...line, pii: undefined }));
      assert.ok(lines.length > 0);
      assert.ok(lines.every((line) => !line.includes('my-secret-typo') && !line.includes('alice')));
      assert.ok(!JSON.stringify(rig.logged).includes('my-secret-typo'));
    });
  });

  describe('given no session', () => {
    it('answers 401 to who am I, without a cookie and with a made-up one', async () => {
      await assertProblem(await rig.browser().fetch('/api/session'), 401, 'http.not-signed-in');
      const browser = rig.browser();
      browser.cookie = `allo_session=${'A'.repeat(43)}`;
      await assertProblem(await browser.fetch('/api/session'), 401, 'http.not-signed-in');
    });

    it('answers 401 once the session has expired', async () => {
      const browser = await rig.browserOf('alice');
      rig.clock.advance(SESSION_LIFETIME_MS);
      await assertProblem(await browser.fetch('/api/session'), 401, 'http.not-signed-in');
    });

    it('signs out without complaint', async () => {
      assert.equal((await rig.browser().fetch('/api/session', { method: 'DELETE' })).status, 204);
    });
  });

  describe('given a sign-out', () => {
    it('ends the session, its SIP credentials and its sockets, and takes the cookie back', async () => {
      const browser = await rig.browserOf('alice');
      const { username } = await (await browser.post('/api/session/sip', {})).json() as { username: string };
      assert.ok(await rig.credentials.find(username));
      const stolen = browser.cookie;
      const response = await browser.fetch('/api/session', { method: 'DELETE' });
      assert.equal(response.status, 204);
      assert.match(response.headers.getSetCookie()[0] ?? '', /^allo_session=; Max-Age=0/);
      assert.equal(rig.signedOut.length, 1);
      assert.equal(await rig.credentials.find(username), undefined);
      browser.cookie = stolen;
      await assertProblem(await browser.fetch('/api/session'), 401, 'http.not-signed-in');
    });
  });

  describe('given a body that is none', () => {
    const bodies: readonly [what: string, body: string, type: string][] = [
      ['no JSON', '{', 'application/json'], ['no object', '[]', 'application/json'], ['no password', '{"username":"alice"}', 'application/json'],
      ['an unknown field', '{"username":"a","password":"b","role":"administrator"}', 'application/json'],
      ['an object as name', '{"username":{"$ne":""},"password":"b"}', 'application/json'],
      ['a form', 'username=alice&password=x', 'application/x-www-form-urlencoded'],
    ];
    for (const [what, body, type] of bodies) {
      it(`answers 400 to ${what}`, async () => {
        await assertProblem(await rig.browser().fetch('/api/session', { method: 'POST', body, headers: { 'Content-Type': type } }), 400, 'http.bad-request');
      });
    }

    it('answers 413 to more than 64 KiB', async () => {
      await assertProblem(await rig.browser().post('/api/session', { username: 'a'.repeat(70_000), password: 'b' }), 413, 'http.body-too-large');
    });
  });

  describe('given a proxy that ends TLS and is trusted', () => {
    let proxied: HttpRig;
    beforeEach(async () => {
      proxied = new HttpRig();
      await proxied.start({ trustProxy: 'loopback' });
    });
    afterEach(() => proxied.stop());

    it('marks the cookie Secure and asks for HTTPS from now on', async () => {
      const response = await proxied.browser().post('/api/session', { username: 'alice', password: 'correct horse battery staple' }, { 'X-Forwarded-Proto': 'https' });
      assert.match(response.headers.getSetCookie()[0] ?? '', /; Secure/);
      assert.equal(response.headers.get('Strict-Transport-Security'), 'max-age=31536000');
    });

    it('counts failures by the address that the proxy names', async () => {
      const from = (address: string, password: string) =>
        proxied.browser().post('/api/session', { username: 'alice', password }, { 'X-Forwarded-For': address });
      for (let n = 0; n < 5; n += 1) await from('203.0.113.1', 'wrong');
      assert.equal((await from('203.0.113.1', 'wrong')).status, 429);
      assert.equal((await from('203.0.113.2', 'wrong')).status, 401);
    });
  });
});
