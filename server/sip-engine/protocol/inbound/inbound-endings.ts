import { respondTo } from '../../message/respond.ts';
import { serialize, type SipRequest } from '../../message/sip-message.ts';
import { endOf } from '../call-records.ts';
import type { EngineContext } from '../engine-context.ts';
import { sipPayload } from '../frames-out.ts';
import type { InboundRequest } from './inbound-request.ts';

/** Lets an INVITE that nobody waits for any more look like a cancelled one to its application. */
export function tellCancelled(context: EngineContext, inbound: InboundRequest): void {
  const { transaction } = inbound;
  if (!context.inbound.has(inbound.id) || transaction.method !== 'INVITE') return;
  const { headers, uri } = transaction.request;
  const cancel: SipRequest = { kind: 'request', method: 'CANCEL', uri, headers, body: '' };
  inbound.application.send(sipPayload(
    { source: 'network', flow: transaction.flow, transactionId: inbound.id, dialogId: inbound.dialog?.id ?? '' },
    serialize(cancel).replace(/\r\nCSeq: (\d+) INVITE\r\n/, '\r\nCSeq: $1 CANCEL\r\n'),
  ));
}

/** Ends a pending request with a response of the engine's own. */
export function giveUp(context: EngineContext, inbound: InboundRequest, status: number): void {
  const toTag = inbound.dialog?.localTag ?? inbound.localTag;
  const response = respondTo(inbound.transaction.request, { status, toTag });
  if (inbound.transaction.respond(response) && inbound.transaction.method === 'INVITE' && !inbound.isInDialog) {
    context.records.stop('application', endOf(status), response);
  }
  forget(context, inbound);
}

/** Keeps a request no longer, and its dialog neither when it has not been answered. */
export function forget(context: EngineContext, inbound: InboundRequest): void {
  context.inbound.delete(inbound.id);
  const { dialog } = inbound;
  if (dialog === undefined) return;
  const { method } = inbound.transaction;
  if (method === 'INVITE') dialog.hasServerInvite = false;
  if (method === 'UPDATE') dialog.hasServerUpdate = false;
  dialog.offers.dropped(method);
  if (!inbound.isInDialog && dialog.state === 'early') context.dialogs.remove(dialog);
}

/** The application never answered, or the caller never acknowledged a refusal. */
export function endUnanswered(context: EngineContext, inbound: InboundRequest): void {
  if (context.inbound.has(inbound.id)) context.counters.add('ended.unanswered');
  tellCancelled(context, inbound);
  if (inbound.transaction.method === 'INVITE') giveUp(context, inbound, 408);
  else forget(context, inbound);
}

/** A caller whose connection is gone will never get the answer. */
export function endUnreachable(context: EngineContext, inbound: InboundRequest): void {
  tellCancelled(context, inbound);
  forget(context, inbound);
}
