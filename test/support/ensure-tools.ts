import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A program that the tests drive, and the Debian package that has it. */
interface Tool {
  readonly program: string;
  readonly debianPackage: string;
  readonly usedFor: string;
}

const TOOLS: readonly Tool[] = [
  { program: 'sipp', debianPackage: 'sip-tester', usedFor: 'SIP scenarios' },
  { program: 'baresip', debianPackage: 'baresip-core', usedFor: 'calls by a telephone that is not ours' },
  { program: 'chromium', debianPackage: 'chromium', usedFor: 'the browser story' },
  { program: 'espeak-ng', debianPackage: 'espeak-ng', usedFor: 'speech made from text' },
];

const isInstalled = (program: string): boolean => (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`));
const missingTools = (): readonly Tool[] => TOOLS.filter(({ program }) => !isInstalled(program));
const mayInstall = (): boolean => process.getuid?.() === 0 && existsSync('/etc/debian_version') && isInstalled('apt-get');

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status ?? 'a signal'}`);
}

/** Installs the test tools that are missing where it may (Debian, root); else names them and stops. */
function ensureTools(): void {
  const missing = missingTools();
  if (missing.length === 0) return;
  if (mayInstall()) {
    console.log(`Installing test tools: ${missing.map(({ debianPackage }) => debianPackage).join(', ')}`);
    run('apt-get', ['update', '-q']);
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing.map(({ debianPackage }) => debianPackage)]);
  }
  const left = missingTools();
  if (left.length === 0) return;
  for (const { program, debianPackage, usedFor } of left) {
    console.error(`missing: ${program}, for ${usedFor} (Debian package ${debianPackage})`);
  }
  process.exitCode = 1;
}

ensureTools();
