import type { SipResponse } from '../message/sip-message.ts';
import { hasOption, ReliableProvisionals } from '../dialog/reliable-provisionals.ts';
import { agreeAsServer } from '../dialog/session-expires.ts';
import { splitList, tagOf } from '../message/header-values.ts';
import type { ApplicationConnection } from './application-connection.ts';
import { endOf } from './call-records.ts';
import { completeResponse } from './complete-response.ts';
import type { EngineContext, InboundRequest } from './engine-context.ts';
import { nokPayload, responseSentPayload } from './frames-out.ts';
import { giveUp, tellCancelled } from './inbound/inbound-endings.ts';
import { keepSubscription } from './session/keep-subscription.ts';
import { keepSession } from './session/session-timer.ts';
import { awaitAck } from './inbound/await-ack.ts';
import { beginDialogOf } from './inbound/begin-dialog.ts';

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
  const { status } = answer.message;
  if (transaction.method !== 'INVITE' && ((status > 100 && status < 200) || status === 408)) {
    application.send(nokPayload(answer.id, `${status} is no response to ${transaction.method} (RFC 4320)`));
    return;
  }
  const localTag = inbound.dialog?.localTag ?? tagOf(answer.message.headers.get('to') ?? '') ?? inbound.localTag;
  const response = completeResponse(answer.message, { request, flow, localTag });
  const hasSession = (transaction.method === 'INVITE' || transaction.method === 'UPDATE') && status >= 200 && status < 300;
  const agreement = hasSession ? agreeAsServer(request, response) : undefined;
  const begun = beginDialog(context, { ...inbound, localTag }, response);
  if (begun !== undefined) inbound.dialog = begun;
  const send = (message: SipResponse): void => {
    sendNow(context, inbound, answer.id, message);
    if (hasSession && inbound.dialog !== undefined) keepSession(context, inbound.dialog, agreement, message.body);
  };
  if (isReliable(inbound, response)) {
    if (!reliableOf(context, inbound).send(response, send)) application.send(nokPayload(answer.id, 'too many provisional responses wait for a PRACK'));
    return;
  }
  if (inbound.reliable !== undefined && response.status >= 200) inbound.reliable.final(response.status, () => send(response));
  else send(response);
}

/** Sends a complete response, and tells the application what left. */
function sendNow(context: EngineContext, inbound: InboundRequest, replyTo: string, response: SipResponse): void {
  const { transaction, application } = inbound;
  if (!context.inbound.has(inbound.id) || !transaction.respond(response)) {
    application.send(nokPayload(replyTo, 'final response already sent'));
    return;
  }
  inbound.dialog?.offers.responded('us', transaction.method, response);
  if (response.status >= 200) {
    settle(context, inbound, response);
    if (transaction.method === 'INVITE' && !inbound.isInDialog) {
      if (response.status < 300) context.records.start('application', 'uas', response);
      else context.records.stop('application', endOf(response.status), response);
    }
  }
  application.send(responseSentPayload(
    replyTo,
    { source: 'application', flow: transaction.flow, transactionId: inbound.id, dialogId: inbound.dialog?.id ?? '' },
    transaction.responseText,
  ));
  if (response.status >= 200 && transaction.method !== 'INVITE') transaction.forgetRequest(); // An INVITE's is needed until its ACK.
}

/**
 * Whether a response is to be sent reliably; when it cannot be, its `Require: 100rel` is taken off.
 * @remarks RFC 3262 §3: when the caller requires it, every provisional response but 100; else when
 *   the application asks for it and the caller supports it.
 */
function isReliable({ transaction, isInDialog }: InboundRequest, response: SipResponse): boolean {
  if (transaction.method !== 'INVITE' || response.status <= 100 || response.status >= 200) return false;
  const { headers } = transaction.request;
  if (isInDialog) return false; // A re-INVITE is answered in a session that stands; nobody waits for its ringing.
  if (hasOption(headers, 'require', '100rel')) return true;
  if (!hasOption(response.headers, 'require', '100rel')) return false;
  if (hasOption(headers, 'supported', '100rel')) return true;
  const others = response.headers.all('require').flatMap(splitList).filter((tag) => tag.toLowerCase() !== '100rel');
  response.headers.remove('require');
  if (others.length > 0) response.headers.add('Require', others.join(', '));
  return false;
}

/** The reliable responses of a call; without a PRACK in time the call is refused (RFC 3262 §3). */
function reliableOf(context: EngineContext, inbound: InboundRequest): ReliableProvisionals {
  const { transaction, dialog } = inbound;
  inbound.reliable ??= new ReliableProvisionals({
    timers: context.timers,
    sequence: transaction.essentials.cseq.number,
    resend: (text) => transaction.flow.send(text),
    giveUp: () => {
      context.counters.add('ended.prack-timeout');
      tellCancelled(context, inbound);
      giveUp(context, inbound, 504);
    },
  });
  if (dialog !== undefined) dialog.reliable = inbound.reliable;
  return inbound.reliable;
}

/** RFC 3261 §12.1: a 101-299 to an INVITE, or a 2xx to a SUBSCRIBE, begins a dialog. */
function beginDialog(context: EngineContext, inbound: InboundRequest, { status }: SipResponse): InboundRequest['dialog'] {
  const { method, essentials } = inbound.transaction;
  const begins = (method === 'INVITE' && status > 100 && status < 300) || (method === 'SUBSCRIBE' && status >= 200 && status < 300);
  if (!begins || inbound.dialog !== undefined || essentials.toTag !== undefined) return undefined;
  const dialog = beginDialogOf(inbound);
  context.dialogs.add(dialog);
  return dialog;
}

/** What a final response settles. */
function settle(context: EngineContext, inbound: InboundRequest, { status, headers }: SipResponse): void {
  context.inbound.delete(inbound.id);
  const { dialog, transaction } = inbound;
  if (dialog === undefined) return;
  if (transaction.method === 'INVITE') dialog.hasServerInvite = false;
  if (transaction.method === 'UPDATE') dialog.hasServerUpdate = false;
  if (status >= 300) {
    if (!inbound.isInDialog) context.dialogs.remove(dialog);
    return;
  }
  // Only the request that began the dialog confirms it: an UPDATE may be answered while it rings.
  if (!inbound.isInDialog && dialog.state === 'early') dialog.state = 'confirmed';
  if (transaction.method === 'INVITE') awaitAck(context, dialog, transaction);
  if (transaction.method === 'SUBSCRIBE') keepSubscription(context, dialog, headers, transaction.request.headers);
  const endsSubscription = transaction.method === 'NOTIFY' && dialog.method === 'SUBSCRIBE'
    && /^\s*terminated/i.test(transaction.request.headers.get('subscription-state') ?? '');
  if (endsSubscription) context.dialogs.remove(dialog);
}

