import { AppError } from './app-error.ts';
import type { Milliseconds } from './time.ts';

/** Thrown by {@link withDeadline} when time is up before the work is done. */
export class DeadlineExceeded extends AppError {
  constructor(deadlineMs: Milliseconds) {
    super({
      code: 'base.deadline-exceeded',
      category: 'upstream',
      message: `no answer within ${deadlineMs} ms`,
      retryable: true,
      details: { deadlineMs },
    });
  }
}

/**
 * Runs work that must answer in time; the only timeout of the project, because sinon fakes
 * `setTimeout` but not `AbortSignal.timeout`.
 * @param deadlineMs - longest wait, in milliseconds.
 * @param work - gets a signal that fires at the deadline or when `parent` does; work that
 *   ignores it is left behind, its later outcome unheard.
 * @param parent - aborts the wait early, with its own reason.
 * @throws DeadlineExceeded at the deadline; the parent's reason when it aborts; what `work` throws.
 */
export async function withDeadline<T>(
  deadlineMs: Milliseconds,
  work: (signal: AbortSignal) => Promise<T>,
  parent?: AbortSignal,
): Promise<T> {
  parent?.throwIfAborted();
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const giveUp = (reason: Error): void => {
      settle();
      controller.abort(reason);
      reject(reason);
    };
    const onParentAbort = (): void => giveUp(parent?.reason as Error); // Typed any by the platform; passed on as it is.
    const timer = setTimeout(() => giveUp(new DeadlineExceeded(deadlineMs)), deadlineMs);
    const settle = (): void => {
      clearTimeout(timer);
      parent?.removeEventListener('abort', onParentAbort);
    };
    parent?.addEventListener('abort', onParentAbort, { once: true });
    // Async, so that work that throws before it promises is a rejection like any other.
    const begin = async (): Promise<T> => work(controller.signal);
    begin().then(
      (value) => { settle(); resolve(value); },
      (cause: Error) => { settle(); reject(cause); },
    );
  });
}

/**
 * Waits, unless aborted.
 * @param delayMs - how long, in milliseconds.
 * @returns `elapsed`, or `aborted` when the signal fired first. Never rejects.
 */
export function delay(delayMs: Milliseconds, signal?: AbortSignal): Promise<'elapsed' | 'aborted'> {
  if (signal?.aborted) return Promise.resolve('aborted');
  return new Promise((resolve) => {
    const done = (how: 'elapsed' | 'aborted') => (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(how);
    };
    const onAbort = done('aborted');
    const timer = setTimeout(done('elapsed'), delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
