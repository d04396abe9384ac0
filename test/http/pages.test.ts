import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { HttpRig } from './http-rig.ts';
import { assertProblem } from './problem-checks.ts';

describe('the pages', () => {
  let rig: HttpRig;
  before(async () => {
    rig = new HttpRig();
    await rig.start();
  });
  after(() => rig.stop());

  const get = (path: string, accept = 'text/html'): Promise<Response> => fetch(`${rig.baseUrl}${path}`, { headers: { Accept: accept } });

  for (const path of ['/', '/call-us', '/customers/42', '/interactions/018f-7']) {
    it(`gives the application at ${path}, asked for anew each time`, async () => {
      const response = await get(path);
      assert.equal(response.status, 200);
      assert.match(await response.text(), /<title>Allo/);
      assert.equal(response.headers.get('Cache-Control'), 'no-cache');
      assert.match(response.headers.get('Content-Type') ?? '', /^text\/html/);
    });
  }

  it('lets browsers keep files whose name changes with their content', async () => {
    const response = await get('/assets/index-abc123.js', '*/*');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('Cache-Control'), 'public, max-age=31536000, immutable');
    assert.equal((await get('/favicon.svg', '*/*')).headers.get('Cache-Control'), 'no-cache');
  });

  it('answers 404 for a file that there is not, rather than a page', async () => {
    await assertProblem(await get('/assets/index-old.js', '*/*'), 404, 'http.not-found');
    await assertProblem(await get('/robots.txt'), 404, 'http.not-found');
  });

  it('gives nothing outside its folder', async () => {
    for (const path of ['/..%2f..%2fpackage.json', '/assets/..%5c..%5cpackage.json', '/%2e%2e/%2e%2e/etc/passwd', '/.env']) {
      const response = await get(path);
      assert.ok(response.status >= 400 || /<title>Allo/.test(await response.text()), path);
    }
  });

  it('takes no changes', async () => {
    await assertProblem(await fetch(`${rig.baseUrl}/call-us`, { method: 'POST' }), 404, 'http.not-found');
  });

  it('says what a page may do: its own sockets, the microphone, no foreign frame', async () => {
    const { headers } = await get('/');
    const policy = headers.get('Content-Security-Policy') ?? '';
    assert.match(policy, new RegExp(`connect-src 'self' ws://127\\.0\\.0\\.1:${rig.port} wss://127\\.0\\.0\\.1:${rig.port}(;|$)`));
    assert.match(policy, /default-src 'self'/);
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.match(policy, /frame-ancestors 'self'/);
    assert.match(headers.get('Permissions-Policy') ?? '', /microphone=\(self\)/);
    assert.equal(headers.get('X-Content-Type-Options'), 'nosniff');
    assert.equal(headers.get('X-Powered-By'), null);
  });

  it('lets no made-up host into the policy', async () => {
    const { request } = await import('node:http');
    const policy = await new Promise<string>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: rig.port, path: '/healthz', headers: { Host: "x; script-src 'unsafe-eval'" } }, (response) => {
        response.resume();
        resolve(String(response.headers['content-security-policy']));
      });
      asked.on('error', reject);
      asked.end();
    });
    assert.doesNotMatch(policy, /unsafe-eval/);
  });

  it('says so when they are not built', async () => {
    const unbuilt = new HttpRig();
    await unbuilt.start();
    rmSync(join(unbuilt.directory, 'index.html'));
    try {
      await assertProblem(await fetch(`${unbuilt.baseUrl}/`, { headers: { Accept: 'text/html' } }), 503, 'http.pages-not-built');
    } finally {
      await unbuilt.stop();
    }
  });
});
