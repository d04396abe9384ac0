import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import assert from 'node:assert/strict';
import { compileFunction } from 'node:vm';
import { PUBLISHED, type Testbed } from './testbed.ts';

const nativeRequire = createRequire(import.meta.url);

/** What a published test claimed, in order. */
export interface Claim {
  readonly holds: boolean;
  readonly text: string;
}

/** The part of a `tape` test that the published tests use. */
class TapeTest {
  readonly claims: Claim[] = [];
  readonly finished: Promise<void>;
  #finish: () => void = () => undefined;

  constructor() {
    this.finished = new Promise((resolve) => { this.#finish = resolve; });
  }

  timeoutAfter(): void {
    // Mocha keeps the time.
  }

  pass(text: string): void {
    this.claims.push({ holds: true, text });
  }

  fail(text: string): void {
    this.claims.push({ holds: false, text });
  }

  ok(value: unknown, text: string): void {
    this.claims.push({ holds: Boolean(value), text });
  }

  doesNotThrow(work: () => void, text: string): void {
    this.#claim(text, () => assert.doesNotThrow(work));
  }

  throws(work: () => void, ...rest: unknown[]): void {
    this.#claim(String(rest.at(-1)), () => assert.throws(work));
  }

  /** tape's `error` with a value fails the test; the published ones end so. */
  error(value: unknown): void {
    if (value !== undefined && value !== null) this.fail(`error: ${value instanceof Error ? value.message : JSON.stringify(value)}`);
    this.#finish();
  }

  end(value?: unknown): void {
    this.error(value);
  }

  #claim(text: string, check: () => void): void {
    try {
      check();
      this.pass(text);
    } catch (cause) {
      this.fail(`${text}: ${String(cause)}`);
    }
  }
}

/** The claims that a published file makes, read from its text, in order; the same text may stand several times. */
export function announcedClaims(file: string): string[] {
  const text = readFileSync(join(PUBLISHED, file), 'utf8');
  const found = [...text.replaceAll(/^\s*\/\/.*$/gm, '').matchAll(/t\.(?:pass|ok|throws|doesNotThrow)\((?:.*, )?'((?:[^'\\]|\\.)*)'\)/g)];
  return found.map((match) => match[1] ?? '');
}

/**
 * Runs one published test file, unchanged but for addresses, on a testbed.
 * @param file - name within the package's `test` folder.
 * @returns what it claimed, failures included.
 */
export async function runPublished(file: string, testbed: Testbed): Promise<Claim[]> {
  const tests: TapeTest[] = [];
  const bodies: (() => void)[] = [];
  const complaints: string[] = [];
  const handlers: [string, (...values: unknown[]) => void][] = [];
  const shims: Record<string, unknown> = {
    tape: (_name: string, body: (test: TapeTest) => void) => {
      const test = new TapeTest();
      tests.push(test);
      bodies.push(() => body(test));
    },
    config: { get: (name: string) => testbed.connection(name) },
    [join(PUBLISHED, 'sipp')]: () => ({
      output: () => testbed.complaints.join('\n'),
      sippUac: (scenario: string) => testbed.sippUac(scenario),
      sippUas: (scenario: string, address: string) => testbed.sippUas(scenario, address),
    }),
    [join(PUBLISHED, '..')]: nativeRequire('drachtio-srf') as unknown,
  };
  const say = (...values: unknown[]): void => { complaints.push(values.map(String).join(' ')); };
  const scope = {
    console: { log: say, error: say },
    process: {
      env: process.env,
      on: (event: string, handler: (...values: unknown[]) => void) => {
        handlers.push([event, handler]);
        process.on(event, handler);
      },
      removeListener: (event: string, handler: (...values: unknown[]) => void) => process.removeListener(event, handler),
    },
  };
  const texts: string[] = [];
  const loaded = new Map<string, unknown>();
  const load = (path: string): unknown => {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const text = testbed.localize(readFileSync(path, 'utf8'));
    texts.push(text);
    const module = { exports: {} as unknown };
    const require = (name: string): unknown => {
      const target = name.startsWith('.') ? join(dirname(path), name) : name;
      return shims[target] ?? (name.startsWith('.') ? load(target.endsWith('.js') ? target : `${target}.js`) : nativeRequire(name));
    };
    compileFunction(text, ['module', 'exports', 'require', 'console', 'process'], { filename: path })
      .call(undefined, module, module.exports, require, scope.console, scope.process);
    loaded.set(path, module.exports);
    return module.exports;
  };
  try {
    load(join(PUBLISHED, file));
    for (const scripts of texts.join('\n').match(/scripts\/[\w-]+/g) ?? []) texts.push(testbed.localize(readFileSync(join(PUBLISHED, `${scripts}.js`), 'utf8')));
    await testbed.startPeersOf(texts.join('\n'));
    for (const body of bodies) body();
    for (const test of tests) await test.finished;
  } finally {
    for (const [event, handler] of handlers) process.removeListener(event, handler);
  }
  const claims = tests.flatMap((test) => test.claims);
  const failed = claims.some(({ holds }) => !holds);
  return failed ? [...claims, { holds: false, text: [...complaints, ...testbed.complaints].join('\n').slice(0, 4_000) }] : claims;
}
