import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Scope } from '../../../../server/base/scope.ts';

/** A process of the benchmark: talks with it over the channel of Node, and is ended by its id with the scope. */
export class BenchChild {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts a script of this folder; what it prints goes to the error output, the other one is for figures.
   * @param settings - handed over as JSON.
   * @throws the scope's reason when it is closed already.
   */
  static spawn(scope: Scope, script: string, settings: unknown): BenchChild {
    scope.signal.throwIfAborted();
    const path = fileURLToPath(new URL(script, import.meta.url));
    const child = new BenchChild(spawn(
      process.execPath, ['--expose-gc', '--import', 'tsx', path, JSON.stringify(settings)], { stdio: ['ignore', 2, 2, 'ipc'] },
    ));
    scope.onClose(() => child.stop());
    return child;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the process did not start');
    return this.#child.pid;
  }

  /** The next message of the process. @throws Error when it ends without one. */
  async hear<T>(): Promise<T> {
    const ended = new AbortController();
    const onExit = (): void => ended.abort(new Error('the process ended early'));
    this.#child.once('exit', onExit);
    try {
      if (this.#hasEnded) onExit();
      const [message] = await once(this.#child, 'message', { signal: ended.signal }) as [T]; // Both ends are scripts of this folder.
      return message;
    } finally {
      this.#child.off('exit', onExit);
    }
  }

  /** Sends a question and hears the answer. */
  async ask<T>(question: unknown): Promise<T> {
    const answer = this.hear<T>();
    this.#child.send(question as object); // Whatever JSON can hold; the library's type is narrower than its words.
    return answer;
  }

  /** Ends the process and waits for its end; idempotent. */
  async stop(): Promise<void> {
    if (this.#hasEnded || this.#child.pid === undefined) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
