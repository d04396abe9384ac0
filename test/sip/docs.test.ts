import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

describe('docs/sip.md', () => {
  const page = new URL('../../docs/sip.md', import.meta.url);
  const text = readFileSync(page, 'utf8');

  it('names files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map((found) => found[1] ?? '');
    assert.ok(links.length > 100);
    assert.deepEqual(links.filter((link) => !existsSync(new URL(link, page))), []);
  });
  it('has a file and a test for each section that it says is honoured', () => {
    const rows = text.split('\n').filter((row) => /^\| (RFC|§)/.test(row)).map((row) => row.split('|').slice(1, -1));
    const honoured = rows.filter((row) => row.length === 4);
    assert.ok(honoured.length > 30);
    for (const [section, , files = '', tests = ''] of honoured) assert.ok(files.includes('](../server/') && tests.includes('](../test/'), section);
  });
});
