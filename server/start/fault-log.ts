import type { Logger } from 'pino';
import { AppError } from '../base/app-error.ts';

/** How every part reports what went wrong without ending a call: one log line, with the code. */
export type FaultReport = (cause: unknown, what: string) => void;

/** Writes faults to the log: what is nobody's bug as a warning, the rest as an error. */
export function faultLog(log: Logger): FaultReport {
  return (cause, what) => {
    const expected = cause instanceof AppError && cause.category !== 'bug';
    const fields = cause instanceof AppError ? { code: cause.code, details: cause.details, err: cause } : { err: cause };
    if (expected) log.warn(fields, what);
    else log.error(fields, what);
  };
}
