import { randomToken } from '../../message/random-token.ts';
import { respondTo } from '../../message/respond.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';

/** Answers a request with a refusal of the engine's own. */
export function refuse(transaction: ServerTransaction, status: number, reason?: string): void {
  transaction.respond(respondTo(transaction.request, { status, reason, toTag: randomToken() }));
}

/** A second INVITE before the first is answered (RFC 3261 §14.2). */
export function refuseForNow(transaction: ServerTransaction): void {
  const response = respondTo(transaction.request, { status: 500 });
  response.headers.add('Retry-After', String(1 + Math.floor(Math.random() * 10)));
  transaction.respond(response);
}
