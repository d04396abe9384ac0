import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

for (const [name, atLeast] of [['sip.md', { links: 100, rows: 30 }], ['media-negotiation.md', { links: 40, rows: 10 }]] as const) describe(`docs/${name}`, () => {
  const page = new URL(`../../docs/${name}`, import.meta.url);
  const text = readFileSync(page, 'utf8');

  it('names files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map((found) => found[1] ?? '');
    assert.ok(links.length > atLeast.links);
    assert.deepEqual(links.filter((link) => !existsSync(new URL(link, page))), []);
  });
  it('has a file and a test for each section that it says is honoured', () => {
    const rows = text.split('\n').filter((row) => /^\| (RFC|ITU-T|§)/.test(row)).map((row) => row.split('|').slice(1, -1));
    const honoured = rows.filter((row) => row.length === 4);
    assert.ok(honoured.length > atLeast.rows);
    for (const [section, , files = '', tests = ''] of honoured) assert.ok(files.includes('](../server/') && tests.includes('](../test/'), section);
  });
});
