import { AppError } from './app-error.ts';

/** Something to run when a {@link Scope} closes. */
export type Cleanup = () => void | Promise<void>;

/**
 * The lifetime of a call, a connection, a process: what it opens is closed when it ends,
 * whatever way it ends (invariant 8). Cleanups run last in first out, once, past failures.
 */
export class Scope {
  readonly #cleanups: Cleanup[] = [];
  readonly #controller = new AbortController();
  #isOpen = true;
  #closing: Promise<void> = Promise.resolve();

  /** Fires as the scope starts to close, before the cleanups run. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Registers a cleanup.
   * @returns a function that takes it back without running it (the thing was closed early).
   * @throws AppError `base.scope-closed` when the scope is closed already: the caller must
   *   close what it opened itself.
   */
  onClose(cleanup: Cleanup): () => void {
    if (!this.#isOpen) {
      throw new AppError({ code: 'base.scope-closed', category: 'bug', message: 'the scope is closed' });
    }
    // A wrapper per registration, so that the same function registered twice is two cleanups.
    const registered: Cleanup = () => cleanup();
    this.#cleanups.push(registered);
    return () => {
      const index = this.#cleanups.indexOf(registered);
      if (index >= 0) this.#cleanups.splice(index, 1);
    };
  }

  /**
   * Closes what was opened. Idempotent: a second call waits for the first.
   * @throws AggregateError with every cleanup failure, after all of them ran.
   */
  close(): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false;
      // Set before anything runs: a cleanup or an abort listener may close again.
      this.#closing = Promise.resolve().then(() => this.#runCleanups());
      this.#controller.abort(new AppError({ code: 'base.scope-closed', category: 'caller', message: 'the scope closed' }));
    }
    return this.#closing;
  }

  async #runCleanups(): Promise<void> {
    const failures: unknown[] = [];
    for (let cleanup = this.#cleanups.pop(); cleanup; cleanup = this.#cleanups.pop()) {
      try {
        await cleanup();
      } catch (cause) {
        failures.push(cause);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} cleanups failed`);
  }
}
