import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { rules } from './rules.ts';

/** Names of the broken rules of one tree, each with who imports what. */
async function violations(baseDir: string): Promise<string[]> {
  const { output } = await cruise(
    ['server', 'softphone', 'ivr-flows', 'db'],
    {
      baseDir,
      ruleSet: { forbidden: [...rules] },
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: 'softphone/dist' },
    },
  );
  // A cast because `cruise` types its output as text too; without a reporter it is the object.
  return (output as ICruiseResult).summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).sort();
}

/** A small tree of the same shape, with the given files. */
async function makeTree(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'allo-arch-'));
  for (const folder of ['server', 'softphone', 'ivr-flows', 'db']) await mkdir(join(root, folder));
  await symlink(join(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

describe('the layers of the house (DESIGN §2)', function () {
  this.timeout(120_000);

  it('hold in the whole tree, without a cycle', async () => {
    assert.deepEqual(await violations(join(import.meta.dirname, '../..')), []);
  });

  const forbidden: readonly { what: string; files: Record<string, string>; breaks: string }[] = [
    {
      what: 'a stage imports another stage',
      files: { 'server/crm/a.ts': "import { b } from '../routing/b.ts';\nexport const a = b;", 'server/routing/b.ts': 'export const b = 1;' },
      breaks: 'layer-crm: server/crm/a.ts -> server/routing/b.ts',
    },
    {
      what: 'a stage imports the layer above',
      files: { 'server/ivr/a.ts': "import { b } from '../call/b.ts';\nexport const a = b;", 'server/call/b.ts': 'export const b = 1;' },
      breaks: 'layer-ivr: server/ivr/a.ts -> server/call/b.ts',
    },
    {
      what: 'an adapter imports the code of a stage',
      files: { 'server/http/a.ts': "import { b } from '../crm/b.ts';\nexport const a = b;", 'server/crm/b.ts': 'export const b = 1;' },
      breaks: 'types-only-http: server/http/a.ts -> server/crm/b.ts',
    },
    {
      what: 'the browser imports the server',
      files: { 'softphone/a.ts': "import { b } from '../server/crm/b.ts';\nexport const a = b;", 'server/crm/b.ts': 'export const b = 1;' },
      breaks: 'layer-softphone: softphone/a.ts -> server/crm/b.ts',
    },
    {
      what: 'a library leaves its folder',
      files: { 'server/call/a.ts': "import Srf from 'drachtio-srf';\nexport const a = Srf;" },
      breaks: 'confined-drachtio-srf: server/call/a.ts',
    },
    {
      what: 'two files import each other',
      files: {
        'server/base/a.ts': "import { b } from './b.ts';\nexport const a = (): unknown => b;",
        'server/base/b.ts': "import { a } from './a.ts';\nexport const b = (): unknown => a;",
      },
      breaks: 'no-cycle: server/base/a.ts -> server/base/b.ts',
    },
  ];

  for (const { what, files, breaks } of forbidden) {
    it(`are broken when ${what}`, async () => {
      const root = await makeTree(files);
      try {
        const found = await violations(root);
        assert.ok(found.some((line) => line.startsWith(breaks)), `${breaks} was not found in ${JSON.stringify(found)}`);
      } finally {
        await rm(root, { recursive: true });
      }
    });
  }

  it('allow an adapter the types of a port', async () => {
    const root = await makeTree({
      'server/http/a.ts': "import type { B } from '../crm/b.ts';\nexport type A = B;",
      'server/crm/b.ts': 'export interface B { readonly c: number }',
    });
    try {
      assert.deepEqual(await violations(root), []);
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
