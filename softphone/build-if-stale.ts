import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describeError } from '../server/base/app-error.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = ['softphone', 'server/wire', 'server/base', 'server/model', 'package-lock.json'];
/** Kept beside the build: the fingerprint of what it was made from. */
const STAMP = join(ROOT, 'softphone/dist/sources.sha256');

/** Every source file below a path, sorted, without what the build itself writes. */
function listSources(path: string): string[] {
  if (path.endsWith('.json')) return [join(ROOT, path)];
  return readdirSync(join(ROOT, path), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !relative(ROOT, file).startsWith(join('softphone', 'dist')))
    .sort();
}

/** One hash over the names and contents of all sources: a deleted file makes a build stale too. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap(listSources)) {
    hash.update(relative(ROOT, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** The fingerprint of the build that is there, or nothing when there is none. */
function builtFingerprint(): string | undefined {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** Builds the browser application unless the build at hand was made from these very sources. */
async function buildIfStale(): Promise<void> {
  const sources = fingerprint();
  if (builtFingerprint() === sources) return;
  console.log('Building the browser application…');
  const { build } = await import('vite');
  await build({ configFile: join(ROOT, 'softphone/vite.config.ts'), logLevel: 'error' });
  writeFileSync(STAMP, sources);
}

try {
  await buildIfStale();
} catch (cause) {
  // Bundlers put escape codes and pieces of source into their messages; the first lines say what and where.
  const [what = '', where = ''] = stripVTControlCharacters(describeError(cause)).split('\n').filter((line) => line.trim() !== '');
  console.error(`The browser application could not be built: ${what.trim()} ${where.trim()}`);
  process.exitCode = 1;
}
