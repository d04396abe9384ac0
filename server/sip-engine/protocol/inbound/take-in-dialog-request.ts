import { respondTo } from '../../message/respond.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { passRequest } from '../proxy/pass-in-dialog.ts';
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
  if (request.method === 'INVITE') {
    if (dialog.hasClientInvite) return refuse(transaction, 491); // §14.2
    if (dialog.hasServerInvite) return refuseForNow(transaction);
    transaction.respond(respondTo(request, { status: 100 }));
    dialog.hasServerInvite = true;
  }
  if (request.method === 'PRACK' && takePrack(context, transaction, dialog)) return;
  if (REFRESHES_TARGET.has(request.method)) dialog.refreshTarget(request.headers, transaction.flow);
  else if (transaction.flow.reliable) dialog.flow = transaction.flow;
  if (request.method === 'BYE' && takeBye(context, transaction, dialog)) return;
  if (dialog.owner.isOpen) handOver(context, transaction, dialog.owner, dialog);
  else if (request.method === 'BYE') transaction.respond(respondTo(request, { status: 200 }));
  else refuse(transaction, 503);
}

/**
 * Ends the dialog; requests still pending in it get 487.
 * @returns whether the BYE has been answered: while it rings the application has no dialog that
 *   could take it, and hears a CANCEL instead.
 * @remarks RFC 3261 §15.1.2.
 */
function takeBye(context: EngineContext, transaction: ServerTransaction, dialog: ApplicationDialog): boolean {
  const wasEarly = dialog.state === 'early';
  context.dialogs.remove(dialog);
  dialog.awaitedAck?.settle();
  dialog.awaitedAck = undefined;
  if (dialog.hasServerInvite) cancelInvites(context, dialog);
  if (dialog.method === 'INVITE' && !wasEarly) context.records.stop('network', 'normal-release', transaction.request);
  if (wasEarly) transaction.respond(respondTo(transaction.request, { status: 200 }));
  return wasEarly;
}

function cancelInvites(context: EngineContext, dialog: ApplicationDialog): void {
  for (const inbound of context.inbound.list()) {
    if (inbound.dialog !== dialog || inbound.transaction.method !== 'INVITE') continue;
    tellCancelled(context, inbound);
    giveUp(context, inbound, 487);
  }
}
