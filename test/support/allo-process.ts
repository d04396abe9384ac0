import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Allo as its users run it: a process of its own, with an environment. */
export class AlloProcess {
  readonly #child: ChildProcess;
  /** Everything that it printed, both streams. */
  output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => { this.output += text; });
    }
  }

  /** Starts `server/main.ts`; nothing of the test's own `ALLO_` environment goes along. */
  static start(env: Readonly<Record<string, string>>): AlloProcess {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('ALLO_')));
    return new AlloProcess(spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
      cwd: ROOT, env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    }));
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Waits for "Allo is ready". @throws Error with what it printed instead. */
  async ready(): Promise<void> {
    await until(() => this.output.includes('Allo is ready.') || this.#isGone, 'Allo to start', 30_000);
    if (this.#isGone) throw new Error(`Allo did not start: ${this.output}`);
  }

  /** Waits for its end. @returns the exit code; null when a signal ended it. */
  async exited(): Promise<number | null> {
    if (!this.#isGone) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  /** Sends a signal to it, by its id. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    if (this.#isGone) return;
    this.signal('SIGKILL');
    await this.exited();
  }

  get #isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
