import { AppError } from '../../server/base/app-error.ts';
import type { Problem } from '../../server/wire/api.ts';

/** An answer of the API that is not what was asked for. */
export class ApiProblem extends AppError {
  readonly status: number;
  /** Seconds after which to try again, when the server said so. */
  readonly retryAfterS: number | undefined;

  constructor(problem: { readonly status: number; readonly code: string; readonly message: string; readonly retryAfterS?: number }) {
    super({ code: problem.code, category: problem.status >= 500 ? 'upstream' : 'caller', message: problem.message, retryable: problem.status >= 500 || problem.status === 429 });
    this.status = problem.status;
    this.retryAfterS = problem.retryAfterS;
  }
}

/** How to ask; a body makes it JSON. */
export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Asks the API of the server that this page came from.
 * @returns the answer's JSON, typed as its route in `server/wire/api.ts` says; `undefined` for 204.
 * @throws ApiProblem for every refusal; AppError `api.unreachable` when there was no answer at all.
 */
export async function requestJson<T>(path: string, { method = 'GET', body, signal }: RequestOptions = {}): Promise<T> {
  const response = await send(path, {
    method,
    headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw await toProblem(response);
  // The page trusts the server that it came from; what is shown of it is text, never markup.
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new AppError({ code: 'api.unreachable', category: 'upstream', message: 'the server cannot be reached', retryable: true, cause });
  }
}

async function toProblem(response: Response): Promise<ApiProblem> {
  const problem = await readProblem(response);
  const retryAfterS = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  return new ApiProblem({
    status: response.status,
    code: problem?.code ?? `http.${response.status}`,
    message: problem?.detail ?? problem?.title ?? response.statusText,
    ...(Number.isFinite(retryAfterS) ? { retryAfterS } : {}),
  });
}

/** @returns nothing when the answer came from something in between, which does not speak RFC 9457. */
async function readProblem(response: Response): Promise<Partial<Problem> | undefined> {
  if (!response.headers.get('Content-Type')?.includes('json')) return undefined;
  // Every field is looked at as absent first: a proxy may have written it.
  return (await response.json()) as Partial<Problem>;
}
