import { describeError } from '../base/app-error.ts';
import type { HttpServices, ReadinessCheck } from '../http/http-services.ts';

/** What readiness looks at. */
export interface ReadinessSources {
  readonly isDraining: () => boolean;
  /** Any read of the database. */
  readonly checkDatabase: () => Promise<unknown>;
}

/** Says whether this node takes calls, and what is in the way. */
export function readiness({ isDraining, checkDatabase }: ReadinessSources): HttpServices['checkReadiness'] {
  return async () => [
    isDraining() ? { name: 'calls', isReady: false, reason: 'draining' } : { name: 'calls', isReady: true },
    await tryRead(checkDatabase),
  ];
}

async function tryRead(read: () => Promise<unknown>): Promise<ReadinessCheck> {
  try {
    await read();
    return { name: 'database', isReady: true };
  } catch (cause) {
    return { name: 'database', isReady: false, reason: describeError(cause) };
  }
}
