import { randomToken } from '../../message/random-token.ts';
import { respondTo } from '../../message/respond.ts';
import type { SipResponse } from '../../message/sip-message.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';

/** Answers a request with a refusal of the engine's own. @returns the refusal. */
export function refuse(transaction: ServerTransaction, status: number, reason?: string): SipResponse {
  const refusal = respondTo(transaction.request, { status, reason, toTag: randomToken() });
  transaction.respond(refusal);
  return refusal;
}

/** Longest Retry-After of {@link refuseForNow}, in seconds. */
const LONGEST_RETRY_AFTER_S = 10;

/** A second INVITE or UPDATE before the first is answered: some time between 0 and 10 seconds (RFC 3261 §14.2, RFC 3311 §5.2). */
export function refuseForNow(transaction: ServerTransaction): void {
  const response = respondTo(transaction.request, { status: 500 });
  response.headers.add('Retry-After', String(Math.floor(Math.random() * (LONGEST_RETRY_AFTER_S + 1))));
  transaction.respond(response);
}
