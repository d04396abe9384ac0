import assert from 'node:assert/strict';
import { HttpRig, type Browser } from './http-rig.ts';
import { assertProblem } from './problem-checks.ts';

describe('requests from pages of other sites', () => {
  let rig: HttpRig;
  let alice: Browser;
  before(async () => {
    rig = new HttpRig();
    await rig.start({ publicOrigins: ['https://desk.example.dz'] });
    alice = await rig.browserOf('alice');
  });
  after(() => rig.stop());

  const change = (headers: Record<string, string>): Promise<Response> => alice.fetch('/api/session/sip', { method: 'POST', headers });

  for (const [what, headers] of [
    ['a foreign origin', { Origin: 'https://evil.example' }],
    ['a foreign origin that starts like ours', { Origin: 'http://127.0.0.1.evil.example' }],
    ['a sandboxed page', { Origin: 'null' }],
    ['another site by Fetch Metadata', { 'Sec-Fetch-Site': 'cross-site' }],
    ['another host of the same site by Fetch Metadata', { 'Sec-Fetch-Site': 'same-site' }],
  ] as const) {
    it(`refuses a change from ${what}`, async () => {
      await assertProblem(await change(headers), 403, 'http.cross-origin');
    });
  }

  it('refuses to sign somebody in or out from elsewhere', async () => {
    const headers = { Origin: 'https://evil.example' };
    await assertProblem(await rig.browser().post('/api/session', { username: 'alice', password: 'x' }, headers), 403, 'http.cross-origin');
    await assertProblem(await alice.fetch('/api/session', { method: 'DELETE', headers }), 403, 'http.cross-origin');
    assert.equal((await alice.fetch('/api/session')).status, 200);
  });

  it('takes a change from our own page, also under a public name', async () => {
    assert.equal((await change({ 'Sec-Fetch-Site': 'same-origin' })).status, 200);
    assert.equal((await change({ Origin: 'https://desk.example.dz' })).status, 200);
  });

  it('takes a change from a program, which says neither', async () => {
    const response = await fetch(`${rig.baseUrl}/api/session/sip`, { method: 'POST', headers: { Cookie: alice.cookie ?? '' } });
    assert.equal(response.status, 200);
  });

  it('lets reading pass, which the browser keeps from other sites itself', async () => {
    const response = await alice.fetch('/api/session', { headers: { Origin: 'https://evil.example' } });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('Access-Control-Allow-Origin'), null);
    assert.equal(response.headers.get('Cross-Origin-Resource-Policy'), 'same-origin');
  });
});
