import { serialize, type SipResponse } from '../message/sip-message.ts';
import { tagOf } from '../message/header-values.ts';
import type { ApplicationConnection } from './application-connection.ts';
import { completeResponse } from './complete-response.ts';
import type { EngineContext, InboundRequest } from './engine-context.ts';
import { nokPayload, responseSentPayload } from './frames-out.ts';
import { awaitAck, dialogOf } from './network-requests.ts';

/** A response as an application wrote it. */
export interface ApplicationResponse {
  /** Id of the frame, for the reply. */
  readonly id: string;
  readonly transactionId: string;
  readonly message: SipResponse;
}

/** Sends an application's response to the request that it answers, and tells the application what left. */
export function respond(context: EngineContext, application: ApplicationConnection, answer: ApplicationResponse): void {
  const inbound = context.inbound.get(answer.transactionId);
  if (inbound?.application !== application) {
    context.counters.add('dropped.late-response');
    application.send(nokPayload(answer.id, 'Response not sent due to unknown transaction'));
    return;
  }
  const { transaction } = inbound;
  const { request, flow } = transaction;
  const localTag = inbound.dialog?.localTag ?? tagOf(answer.message.headers.get('to') ?? '') ?? inbound.localTag;
  const response = completeResponse(answer.message, { request, flow, localTag });
  const begun = beginDialog(context, { ...inbound, localTag }, response);
  if (begun !== undefined) inbound.dialog = begun;
  if (!transaction.respond(response)) {
    application.send(nokPayload(answer.id, 'final response already sent'));
    return;
  }
  if (response.status >= 200) settle(context, inbound, response);
  application.send(responseSentPayload(
    answer.id,
    { source: 'application', flow, transactionId: inbound.id, dialogId: inbound.dialog?.id ?? '' },
    serialize(response),
  ));
}

/** RFC 3261 §12.1: a 101-299 to an INVITE, or a 2xx to a SUBSCRIBE, begins a dialog. */
function beginDialog(context: EngineContext, inbound: InboundRequest, { status }: SipResponse): InboundRequest['dialog'] {
  const { method, essentials } = inbound.transaction;
  const begins = (method === 'INVITE' && status > 100 && status < 300) || (method === 'SUBSCRIBE' && status >= 200 && status < 300);
  if (!begins || inbound.dialog !== undefined || essentials.toTag !== undefined) return undefined;
  const dialog = dialogOf(inbound);
  dialog.hasServerInvite = method === 'INVITE';
  context.dialogs.add(dialog);
  return dialog;
}

/** What a final response settles. */
function settle(context: EngineContext, inbound: InboundRequest, { status }: SipResponse): void {
  context.inbound.delete(inbound.id);
  const { dialog, transaction } = inbound;
  if (dialog === undefined) return;
  if (transaction.method === 'INVITE') dialog.hasServerInvite = false;
  if (status >= 300) {
    if (!inbound.isInDialog) context.dialogs.remove(dialog);
    return;
  }
  dialog.state = dialog.state === 'early' ? 'confirmed' : dialog.state;
  if (transaction.method === 'INVITE') awaitAck(context, dialog, transaction);
  const endsSubscription = transaction.method === 'NOTIFY' && dialog.method === 'SUBSCRIBE'
    && /^\s*terminated/i.test(transaction.request.headers.get('subscription-state') ?? '');
  if (endsSubscription) context.dialogs.remove(dialog);
}

