/** Who can do something about the fault: the one field that every edge maps on. */
export type ErrorCategory = 'caller' | 'agent' | 'upstream' | 'config' | 'bug';

/** What an {@link AppError} is made of. */
export interface AppErrorOptions {
  /** Stable id, `area.what`, for instance `ledger.disk-full`: safe to match on and to show. */
  readonly code: string;
  readonly category: ErrorCategory;
  /** One sentence for the person named by `category`. */
  readonly message: string;
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable?: boolean;
  /** Facts for the log and for a problem document; never personal data or secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * A fault with a stable code and somebody to turn to. Expected outcomes are not faults:
 * they are unions with `kind`.
 */
export class AppError extends Error {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(options: AppErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.category = options.category;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** Says anything thrown in one line, for logs and reports. Never throws. */
export function describeError(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}
