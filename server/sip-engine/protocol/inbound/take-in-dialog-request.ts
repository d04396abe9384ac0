import { glareOf } from '../../dialog/glare.ts';
import { respondTo } from '../../message/respond.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { passRequest } from '../proxy/pass-in-dialog.ts';
import { keepNotifiedSubscription } from '../session/keep-subscription.ts';
import { handOver } from './hand-over.ts';
import { giveUp, tellCancelled } from './inbound-endings.ts';
import { refuse, refuseForNow } from './refuse.ts';
import { dialogOfEarlyNotify } from './dialog-of-early-notify.ts';
import { takePrack } from './take-prack.ts';

/** Methods whose Contact moves the peer's target (RFC 3261 §12.2.2, RFC 3311, RFC 6665). */
const REFRESHES_TARGET = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/**
 * Takes a request with a To tag to the application that has its dialog, or passes it on.
 * @remarks RFC 3261 §12.2.2.
 */
export function takeInDialogRequest(context: EngineContext, transaction: ServerTransaction): void {
  const { request, essentials } = transaction;
  const dialog = context.dialogs.findForRequest(essentials) ?? dialogOfEarlyNotify(context, transaction);
  if (dialog === undefined) {
    if (passRequest(context, transaction)) return;
    context.counters.add('refused.no-dialog');
    refuse(transaction, 481);
    return;
  }
  if (essentials.cseq.number <= dialog.remoteSequence) {
    context.counters.add('refused.old-sequence');
    refuse(transaction, 500, 'CSeq Out Of Order');
    return;
  }
  dialog.remoteSequence = essentials.cseq.number;
  if (!dialog.owner.isOpen && request.method !== 'BYE') {
    refuse(transaction, 503);
    return;
  }
  if ((request.method === 'INVITE' || request.method === 'UPDATE') && !beginsChange(context, transaction, dialog)) return;
  if (request.method === 'PRACK' && takePrack(context, transaction, dialog)) return;
  if (REFRESHES_TARGET.has(request.method)) dialog.refreshTarget(request.headers, transaction.flow);
  else if (transaction.flow.reliable) dialog.flow = transaction.flow;
  keepNotifiedSubscription(context, dialog, request);
  if (request.method === 'BYE' && takeBye(context, transaction, dialog)) return;
  handOver(context, transaction, dialog.owner, dialog);
}

/**
 * Begins a change of the session, unless another is open.
 * @returns false when it has been refused.
 * @remarks RFC 3261 §14.2; RFC 3311 §5.2, also for an UPDATE without an offer behind one without an answer.
 */
function beginsChange({ counters }: EngineContext, transaction: ServerTransaction, dialog: ApplicationDialog): boolean {
  const { request, method } = transaction;
  const glare = glareOf(dialog, request) ?? (method === 'UPDATE' && dialog.hasServerUpdate ? 'we-owe' : undefined);
  if (glare !== undefined) {
    counters.add('refused.glare');
    if (glare === 'peer-owes') refuse(transaction, 491);
    else refuseForNow(transaction);
    return false;
  }
  if (method === 'UPDATE') {
    dialog.hasServerUpdate = true;
    dialog.takesUpdate = true;
  } else {
    transaction.respond(respondTo(request, { status: 100 }));
    dialog.hasServerInvite = true;
  }
  dialog.offers.requested('peer', request);
  return true;
}

/**
 * Ends the dialog; requests still pending in it get 487.
 * @returns whether the BYE has been answered: while it rings the application has no dialog that
 *   could take it, and hears a CANCEL instead; and one that is gone answers nothing.
 * @remarks RFC 3261 §15.1.2.
 */
function takeBye(context: EngineContext, transaction: ServerTransaction, dialog: ApplicationDialog): boolean {
  const wasEarly = dialog.state === 'early';
  context.dialogs.remove(dialog);
  const { awaitedAck } = dialog;
  dialog.awaitedAck = undefined;
  awaitedAck?.settle();
  if (dialog.hasServerInvite) cancelInvites(context, dialog);
  if (dialog.method === 'INVITE' && !wasEarly) context.records.stop('network', 'normal-release', transaction.request);
  if (!wasEarly && dialog.owner.isOpen) return false;
  transaction.respond(respondTo(transaction.request, { status: 200 }));
  return true;
}

function cancelInvites(context: EngineContext, dialog: ApplicationDialog): void {
  for (const inbound of context.inbound.list()) {
    if (inbound.dialog !== dialog || inbound.transaction.method !== 'INVITE') continue;
    tellCancelled(context, inbound);
    giveUp(context, inbound, 487);
  }
}
