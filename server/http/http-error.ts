import { AppError, type AppErrorOptions } from '../base/app-error.ts';
import type { Milliseconds } from '../base/time.ts';

/** A fault with an HTTP status of its own, where its category would say too little. */
export class HttpError extends AppError {
  readonly status: number;
  /** Set on answers that ask to come back later. */
  readonly retryAfterMs: Milliseconds | undefined;

  constructor(status: number, options: Omit<AppErrorOptions, 'category'>, retryAfterMs?: Milliseconds) {
    super({ ...options, category: 'caller' });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** 400: the request does not fit its schema. */
export const badRequest = (message: string): HttpError => new HttpError(400, { code: 'http.bad-request', message });

/** 401: nobody is signed in. */
export const notSignedIn = (): HttpError => new HttpError(401, { code: 'http.not-signed-in', message: 'sign in first' });

/** 403: signed in, but not for this. */
export const notAllowed = (message: string): HttpError => new HttpError(403, { code: 'http.not-allowed', message });

/** 404: there is no such thing, or not in the caller's tenant: nobody learns which. */
export const notFound = (message: string): HttpError => new HttpError(404, { code: 'http.not-found', message });

/** 429 with Retry-After (RFC 6585 §4). */
export const tooManyRequests = (message: string, retryAfterMs: Milliseconds): HttpError =>
  new HttpError(429, { code: 'http.too-many-requests', message, retryable: true }, retryAfterMs);
