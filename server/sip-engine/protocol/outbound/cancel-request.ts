import { Headers, type Header, type SipRequest } from '../../message/sip-message.ts';
import type { ClientTransaction } from '../../transaction/client-transaction.ts';
import { lifetime } from '../../transaction/timers.ts';
import { MAGIC_COOKIE } from '../../transaction/transaction-layer.ts';
import type { EngineContext } from '../engine-context.ts';

/**
 * Makes the CANCEL for an INVITE.
 * @remarks RFC 3261 §9.1: same Request-URI, Via, Route, From, To, Call-ID and CSeq number.
 */
export function cancelFor(invite: SipRequest, extra: readonly Header[]): SipRequest {
  const headers = new Headers();
  const via = invite.headers.get('via');
  if (via !== undefined) headers.add('Via', via); // The topmost only: those of a proxied request stay out.
  for (const { name, value } of invite.headers.list) {
    if (['max-forwards', 'route', 'from', 'to', 'call-id'].includes(name.key)) headers.add(name.label, value);
    else if (name.key === 'cseq') headers.add('CSeq', `${parseInt(value, 10)} CANCEL`);
  }
  for (const { name, value } of extra) {
    if (!headers.has(name.key) && name.key !== 'content-length') headers.add(name.label, value);
  }
  return { kind: 'request', method: 'CANCEL', uri: invite.uri, headers, body: '' };
}

/** Sends the CANCEL of an INVITE that has had a provisional response, and bounds the wait for its 487. */
export function sendCancel(
  context: Pick<EngineContext, 'transactions' | 'timers'>,
  transaction: ClientTransaction,
  extra: readonly Header[],
  cancel = cancelFor(transaction.request, extra),
): void {
  const expire = (): void => transaction.expireIn(lifetime(context.timers));
  const branch = /;branch=([^;]+)/.exec(cancel.headers.get('via') ?? '')?.[1] ?? MAGIC_COOKIE;
  context.transactions.sendRequest(cancel, branch, transaction.flow, {
    onResponse: expire,
    onTimeout: expire,
    onTransportFailed: expire,
  });
  expire();
}
