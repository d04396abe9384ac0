import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../ivr-flows/check-cli.ts', import.meta.url));

interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const runCli = (...files: readonly string[]): Promise<CliRun> => new Promise((resolve) => {
  execFile(process.execPath, ['--import', 'tsx', CLI, ...files], (error, stdout, stderr) =>
    resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }));
});

describe('npm run flows:check', () => {
  let folder: string;
  before(async () => { folder = await mkdtemp(join(tmpdir(), 'allo-flows-')); });
  after(() => rm(folder, { recursive: true }));

  it('accepts the flows that come with Allo', async () => {
    const { code, stdout, stderr } = await runCli();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^main-menu\.flow\.yaml: accepted/m);
  });

  it('prints one line per fault and exits with 1', async () => {
    const file = join(folder, 'bad.flow.yaml');
    await writeFile(file, [
      'id: bad', 'version: 1', 'languages: [fr]', 'start: hello', 'fallback: human', 'nodes:',
      '  hello: { kind: play, prompts: [welcome, nonsense], next: bye }',
      '  human: { kind: queue, queue: service, intent: person, prompts: [] }',
      '  bye: { kind: goodbye, prompts: [goodbye] }',
    ].join('\n'));
    const { code, stderr } = await runCli(file);
    assert.equal(code, 1);
    const lines = stderr.trim().split('\n');
    assert.equal(lines.length, 2, stderr);
    assert.match(lines[0] ?? '', /^bad\.flow\.yaml:4 start: .*\[no-human\]$/);
    assert.match(lines[1] ?? '', /^bad\.flow\.yaml:7 nodes\.hello\.prompts\.1: .*"nonsense" \[missing-prompt\]$/);
  });

  it('refuses a file that is missing or too large', async () => {
    const large = join(folder, 'large.flow.yaml');
    await writeFile(large, '#'.repeat(65 * 1024));
    const { code, stderr } = await runCli(join(folder, 'absent.flow.yaml'), large);
    assert.equal(code, 1);
    assert.match(stderr, /absent\.flow\.yaml: .*\[unreadable\]/);
    assert.match(stderr, /large\.flow\.yaml: .*\[too-large\]/);
  });
});
