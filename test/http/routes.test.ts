import assert from 'node:assert/strict';
import { AppError } from '../../server/base/app-error.ts';
import type { SipAccess } from '../../server/wire/api.ts';
import { ATLAS, BARAKA } from '../access/people.ts';
import { HttpRig, type Browser } from './http-rig.ts';
import { assertProblem } from './problem-checks.ts';

describe('the API', () => {
  let rig: HttpRig;
  let alice: Browser;
  let sam: Browser;
  let adam: Browser;
  let badia: Browser;
  let basil: Browser;
  before(async () => {
    rig = new HttpRig();
    await rig.start();
    [alice, sam, adam, badia, basil] = await Promise.all([
      rig.browserOf('alice'), rig.browserOf('sam'), rig.browserOf('adam'), rig.browserOf('badia'), rig.browserOf('basil'),
    ]);
  });
  after(() => rig.stop());
  afterEach(() => {
    rig.customers.fault = undefined;
    rig.customers.searches = [];
    rig.history.queries = [];
  });

  const json = async (browser: Browser, path: string): Promise<unknown> => {
    const response = await browser.fetch(path);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get('Cache-Control'), 'no-store');
    return response.json();
  };

  describe('given nobody signed in', () => {
    for (const path of ['/api/customers?q=carol', '/api/customers/customer-carol', '/api/interactions', '/api/interactions/call-1',
      '/api/interactions/call-1/explanation', '/api/dispositions', '/api/ledger/proof', '/api/status']) {
      it(`answers 401 to ${path}`, async () => {
        await assertProblem(await rig.browser().fetch(path), 401, 'http.not-signed-in');
      });
    }

    it('mints no agent credentials', async () => {
      await assertProblem(await rig.browser().post('/api/session/sip', {}), 401, 'http.not-signed-in');
    });
  });

  describe('/api/customers', () => {
    it('finds by name, a page at most', async () => {
      const { customers } = await json(alice, '/api/customers?q=%20carol%20') as { customers: { customerId: string }[] };
      assert.deepEqual(customers.map(({ customerId }) => customerId), ['customer-carol']);
      assert.deepEqual(rig.customers.searches, [{ tenantId: ATLAS, text: 'carol', limit: 20 }]);
    });

    it('gives the whole file', async () => {
      const file = await json(alice, '/api/customers/customer-carol') as { displayName: string; contracts: unknown[] };
      assert.equal(file.displayName, 'Carol Haddad');
      assert.deepEqual(file.contracts, []);
    });

    it('answers 404 for nobody', async () => {
      await assertProblem(await alice.fetch('/api/customers/customer-nobody'), 404, 'http.not-found');
    });

    for (const path of ['/api/customers', '/api/customers?q=', '/api/customers?q=%20', `/api/customers?q=${'x'.repeat(101)}`,
      '/api/customers?q=a&q=b', '/api/customers/a%20b', `/api/customers/${'x'.repeat(65)}`, '/api/customers/%E0%A4%A']) {
      it(`answers 400 to ${path.slice(0, 40)}`, async () => {
        await assertProblem(await alice.fetch(path), 400, 'http.bad-request');
      });
    }

    it('answers 503 with Retry-After when the customer base is down, and says nothing of a fault that is ours', async () => {
      rig.customers.fault = new AppError({ code: 'db.down', category: 'upstream', message: 'the customer base does not answer', retryable: true });
      const response = await alice.fetch('/api/customers?q=carol');
      assert.equal(response.headers.get('Retry-After'), '5');
      assert.equal((await assertProblem(response, 503, 'db.down')).detail, 'the customer base does not answer');
    });

    it('answers 500 to the unexpected, logged with the number that the answer names', async () => {
      rig.customers.fault = new Error('SELECT secret FROM customer failed');
      const problem = await assertProblem(await alice.fetch('/api/customers?q=carol'), 500, 'http.unexpected');
      assert.equal(problem.detail, undefined);
      assert.ok(rig.logged.some((line) => line.instance === problem.instance && line.level === 50));
    });

    it('keeps the text of a fault of ours, or of the set-up, to itself', async () => {
      rig.customers.fault = new AppError({ code: 'db.schema', category: 'bug', message: 'column secret is missing' });
      assert.equal((await assertProblem(await alice.fetch('/api/customers?q=carol'), 500, 'db.schema')).detail, undefined);
    });
  });

  describe('/api/interactions', () => {
    it('lists the newest fifty by default', async () => {
      const { interactions } = await json(alice, '/api/interactions') as { interactions: unknown[] };
      assert.equal(interactions.length, 1);
      assert.deepEqual(rig.history.queries, [{ tenantId: ATLAS, query: { limit: 50 } }]);
    });

    it('passes limit, before and customer on', async () => {
      await json(alice, '/api/interactions?limit=7&before=123456&customerId=customer-carol');
      assert.deepEqual(rig.history.queries[0]?.query, { limit: 7, before: 123_456, customerId: 'customer-carol' });
    });

    for (const query of ['limit=0', 'limit=201', 'limit=ten', 'limit=1.5', 'before=-1', 'before=yesterday', 'customerId=a%2Fb']) {
      it(`answers 400 to ?${query}`, async () => {
        await assertProblem(await alice.fetch(`/api/interactions?${query}`), 400, 'http.bad-request');
      });
    }

    it('gives one whole, and 404 for none', async () => {
      const found = await json(sam, '/api/interactions/call-1') as { sipCallId: string };
      assert.equal(found.sipCallId, 'abc@192.0.2.7');
      await assertProblem(await sam.fetch('/api/interactions/call-2'), 404, 'http.not-found');
    });

    it('explains why each offer went where it went, in the language asked for or the reader\u2019s own', async () => {
      assert.deepEqual(await json(sam, '/api/interactions/call-1/explanation?language=fr'), {
        interactionId: 'call-1', language: 'fr', explanations: [{ offerId: 'offer-1', sentences: ['fr: Alice because only-candidate'] }],
      });
      const own = await json(sam, '/api/interactions/call-1/explanation') as { language: string };
      assert.equal(own.language, 'en');
      await assertProblem(await sam.fetch('/api/interactions/call-1/explanation?language=de'), 400, 'http.bad-request');
    });
  });

  describe('two tenants (invariant 6)', () => {
    it('find only their own customers', async () => {
      assert.deepEqual(await json(badia, '/api/customers?q=carol'), { customers: [] });
      assert.equal(rig.customers.searches[0]?.tenantId, BARAKA);
    });

    it('get the same 404 for a thing of the other as for no thing', async () => {
      const problems = await Promise.all(['/api/customers/customer-carol', '/api/customers/customer-x', '/api/interactions/call-1',
        '/api/interactions/call-x', '/api/interactions/call-1/explanation'].map(async (path) => assertProblem(await badia.fetch(path), 404, 'http.not-found')));
      assert.equal(problems[0]?.detail, problems[1]?.detail);
      assert.equal(problems[2]?.detail, problems[3]?.detail);
    });

    it('list, file and prove only their own', async () => {
      assert.deepEqual(await json(badia, '/api/interactions'), { interactions: [] });
      assert.match(JSON.stringify(await json(badia, '/api/dispositions')), /baraka-code/);
      assert.deepEqual(await json(basil, '/api/ledger/proof'), { tenantId: BARAKA, gap: 0 });
    });
  });

  describe('roles', () => {
    it('let everybody read customers, interactions and dispositions', async () => {
      for (const browser of [alice, sam, adam]) {
        for (const path of ['/api/customers?q=carol', '/api/interactions', '/api/dispositions']) await json(browser, path);
      }
    });

    it('keep the proof for supervisors and administrators', async () => {
      await assertProblem(await alice.fetch('/api/ledger/proof'), 403, 'http.not-allowed');
      assert.deepEqual(await json(sam, '/api/ledger/proof'), { tenantId: ATLAS, gap: 0 });
      await json(adam, '/api/ledger/proof');
    });

    it('keep the figures of the node, which span all tenants, for administrators', async () => {
      for (const browser of [alice, sam]) await assertProblem(await browser.fetch('/api/status'), 403, 'http.not-allowed');
      assert.deepEqual(await json(adam, '/api/status'), { calls: 3 });
    });

    it('give a softphone to agents only', async () => {
      for (const browser of [sam, adam]) await assertProblem(await browser.post('/api/session/sip', {}), 403, 'http.not-allowed');
    });
  });

  describe('SIP access', () => {
    it('gives an agent credentials of her own that end with the session', async () => {
      const access = await (await alice.post('/api/session/sip', {})).json() as SipAccess;
      assert.equal(access.webSocketUrl, `ws://127.0.0.1:${rig.port}/sip`);
      assert.equal(access.aor, `sip:${access.username}@allo.test`);
      assert.equal(access.dial, undefined);
      const kept = await rig.credentials.find(access.username);
      assert.deepEqual(kept?.principal, { kind: 'agent', userId: 'user-alice', tenantId: ATLAS });
      assert.equal(kept?.password, access.password);
    });

    it('gives anybody guest credentials and the number to call', async () => {
      const access = await (await rig.browser().post('/api/call-us', {})).json() as SipAccess;
      assert.equal(access.dial, 'sip:1000@allo.test');
      assert.deepEqual((await rig.credentials.find(access.username))?.principal, { kind: 'guest', tenantId: ATLAS });
      assert.equal(access.expiresAt, rig.clock.now + 3_600_000);
    });

    it('gives one address ten at once, then one every twenty seconds', async () => {
      rig.clock.advance(3_600_000);
      for (let n = 0; n < 10; n += 1) assert.equal((await rig.browser().post('/api/call-us', {})).status, 200);
      const response = await rig.browser().post('/api/call-us', {});
      assert.equal(response.headers.get('Retry-After'), '20');
      await assertProblem(response, 429, 'http.too-many-requests');
      rig.clock.advance(20_000);
      assert.equal((await rig.browser().post('/api/call-us', {})).status, 200);
    });
  });

  describe('health', () => {
    it('says that it lives and that it is ready, to anybody', async () => {
      assert.equal((await fetch(`${rig.baseUrl}/healthz`)).status, 200);
      const ready = await fetch(`${rig.baseUrl}/readyz`);
      assert.deepEqual([ready.status, await ready.json()], [200, { ready: true, reasons: [] }]);
    });

    it('names what is not ready', async () => {
      rig.readiness = [{ name: 'database', isReady: true }, { name: 'sip', isReady: false, reason: 'no transport' }, { name: 'drain', isReady: false }];
      const ready = await fetch(`${rig.baseUrl}/readyz`);
      assert.deepEqual([ready.status, await ready.json()], [503, { ready: false, reasons: ['sip: no transport', 'drain'] }]);
      assert.equal((await fetch(`${rig.baseUrl}/healthz`)).status, 200);
    });
  });

  it('answers a problem for a route that there is not', async () => {
    await assertProblem(await alice.fetch('/api/nothing'), 404, 'http.not-found');
    await assertProblem(await alice.fetch('/api/customers', { method: 'PUT' }), 404, 'http.not-found');
  });
});
