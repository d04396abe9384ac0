import { AppError, describeError } from '../../base/app-error.ts';
import type { FaultFacts } from './protocol.ts';

/** Makes anything thrown ready to cross a thread. Never throws. */
export function toFaultFacts(thrown: unknown): FaultFacts {
  if (!(thrown instanceof AppError)) return { code: 'media.unexpected', category: 'bug', message: describeError(thrown), retryable: false };
  const { code, category, message, retryable } = thrown;
  return { code, category, message, retryable };
}

/** Makes the fault an error again, on the other side. */
export const toAppError = (facts: FaultFacts): AppError => new AppError(facts);
