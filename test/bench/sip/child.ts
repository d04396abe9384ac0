import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readProcess, type ProcessFigures } from './process-figures.ts';

/** A process of the benchmark: says `ready` when it is, and is ended by its id. */
export class BenchChild {
  readonly #child: ChildProcess;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => { this.#output += text; });
  }

  /** Starts a script of this folder. @throws Error when it ends before it is ready. */
  static async start(script: string, args: readonly string[]): Promise<BenchChild> {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const child = new BenchChild(spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] }));
    await child.#until((output) => output.includes('ready'));
    return child;
  }

  figures(): Promise<ProcessFigures> {
    if (this.#child.pid === undefined) throw new Error('the process did not start');
    return readProcess(this.#child.pid);
  }

  /** Asks the process for its own figures (SIGUSR2). @returns one line of JSON. */
  async ask(): Promise<string> {
    const from = this.#output.length;
    this.#child.kill('SIGUSR2');
    await this.#until((output) => output.slice(from).includes('\n'));
    return this.#output.slice(from).trim();
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  async #until(isSo: (output: string) => boolean): Promise<void> {
    while (!isSo(this.#output)) {
      if (this.#child.exitCode !== null) throw new Error(`the process ended early: ${this.#output}`);
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }
}
