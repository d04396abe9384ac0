import { randomToken } from '../../message/random-token.ts';
import { respondTo } from '../../message/respond.ts';
import type { SipRequest, SipResponse } from '../../message/sip-message.ts';

/** 4xx that tell the caller how to do better (RFC 3261 §16.7, item 6). */
const HELPFUL = new Set([401, 407, 415, 420, 484]);

const CHALLENGES = new Set(['www-authenticate', 'proxy-authenticate']);

/**
 * Chooses the response that the caller gets when no branch succeeded.
 * @param responses - final responses, 300 to 699, in the order in which they came.
 * @returns undefined when there is none. A 401 or 407 carries the challenges of all others; a 503
 *   is about a server behind us, so it becomes 500.
 * @remarks RFC 3261 §16.7, items 6 and 7: any 6xx first, then the lowest class.
 */
export function bestResponse(responses: readonly SipResponse[]): SipResponse | undefined {
  const rank = ({ status }: SipResponse): number => {
    const kind = Math.floor(status / 100);
    if (kind === 6) return 0;
    return kind * 10 + (HELPFUL.has(status) ? 0 : status === 408 ? 2 : 1);
  };
  let best: SipResponse | undefined;
  for (const one of responses) if (best === undefined || rank(one) < rank(best)) best = one;
  if (best === undefined) return undefined;
  if (best.status === 503) return { ...best, status: 500, reason: 'Server Internal Error' };
  if (best.status !== 401 && best.status !== 407) return best;
  const chosen = best;
  for (const other of responses) {
    if (other === chosen || (other.status !== 401 && other.status !== 407)) continue;
    chosen.headers.list.push(...other.headers.list.filter(({ name }) => CHALLENGES.has(name.key)));
  }
  return chosen;
}

/**
 * What the caller gets when every branch has failed.
 * @returns undefined for nothing: the client of a request other than INVITE has given up by itself (RFC 4320 §4.3).
 */
export function finalFailure(request: SipRequest, failures: readonly SipResponse[], isCancelled: boolean): SipResponse | undefined {
  const best = bestResponse(failures);
  const isTimeout = best === undefined || best.status === 408;
  if (isCancelled && isTimeout) return respondTo(request, { status: 487, toTag: randomToken() });
  if (isTimeout && request.method !== 'INVITE') return undefined;
  return best ?? respondTo(request, { status: 408, toTag: randomToken() });
}
