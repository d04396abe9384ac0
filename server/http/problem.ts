import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { AppError, type ErrorCategory } from '../base/app-error.ts';
import { newId } from '../base/new-id.ts';
import type { Problem } from '../wire/api.ts';
import { HttpError, notFound } from './http-error.ts';

/** The one table from who can do something about a fault to the status that says so (RFC 9110 §15). */
const STATUS_BY_CATEGORY = {
  caller: 400,
  agent: 409,
  upstream: 503,
  config: 500,
  bug: 500,
} as const satisfies Record<ErrorCategory, number>;

/** Whose faults are described to whoever asks; the others are for our log only. */
const TOLD: ReadonlySet<ErrorCategory> = new Set<ErrorCategory>(['caller', 'agent', 'upstream']);

/** Come back after this long when a retryable fault names no time of its own. */
const DEFAULT_RETRY_AFTER_MS = 5_000;

/** A problem document (RFC 9457) and the wait that goes with it. */
export interface ToldProblem {
  readonly problem: Problem;
  readonly retryAfterMs?: number;
}

/**
 * Says anything thrown as a problem document, without a stack, a path or the text of a fault
 * of ours.
 * @remarks RFC 9457 §4.2.1: `about:blank` and the status's own phrase; `code` is what to match on.
 */
export function toProblem(thrown: unknown): ToldProblem {
  if (thrown instanceof HttpError) {
    return { ...told(thrown.status, thrown.code, thrown.message), ...(thrown.retryAfterMs === undefined ? {} : { retryAfterMs: thrown.retryAfterMs }) };
  }
  if (thrown instanceof AppError) {
    const retry = thrown.retryable ? { retryAfterMs: DEFAULT_RETRY_AFTER_MS } : {};
    return { ...told(STATUS_BY_CATEGORY[thrown.category], thrown.code, TOLD.has(thrown.category) ? thrown.message : undefined), ...retry };
  }
  const parserStatus = statusOfParser(thrown);
  if (parserStatus !== undefined) return told(parserStatus, `http.${parserStatus === 413 ? 'body-too-large' : 'bad-request'}`);
  return told(500, 'http.unexpected');
}

/** Ends a request for which there is no route. */
export const answerNotFound: RequestHandler = (request) => {
  throw notFound(`there is no ${request.method} ${request.path}`);
};

/** The last handler: every error of the API leaves here, as a problem; our own faults are logged with the number that the problem shows. */
export function answerProblem(log: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, request, response, _next) => {
    if (response.headersSent) {
      // Nothing can be said any more: the client sees an answer that was cut off, and we see why.
      log.error({ err: thrown, method: request.method, route: request.path }, 'request failed in the middle of its answer');
      response.destroy();
      return;
    }
    const { problem, retryAfterMs } = toProblem(thrown);
    const instance = `urn:uuid:${newId()}`;
    if (problem.status >= 500) log.error({ err: thrown, instance, method: request.method, route: request.path }, 'request failed');
    if (retryAfterMs !== undefined) response.set('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
    // A body that was not read to its end leaves the connection in an unknown place.
    if (problem.status === 413) response.set('Connection', 'close');
    response.status(problem.status).set('Cache-Control', 'no-store').type('application/problem+json').send(JSON.stringify({ ...problem, instance }));
  };
}

function told(status: number, code: string, detail?: string): ToldProblem {
  return { problem: { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, ...(detail === undefined ? {} : { detail }) } };
}

/** The 4xx of Express's own parsers (body, URL, static files), which mark what they throw with a status. */
function statusOfParser(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown) || typeof thrown.status !== 'number') return undefined;
  return thrown.status >= 400 && thrown.status < 500 ? thrown.status : undefined;
}
