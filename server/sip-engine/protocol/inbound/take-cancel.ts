import { randomToken } from '../../message/random-token.ts';
import { respondTo } from '../../message/respond.ts';
import { serialize } from '../../message/sip-message.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { EngineContext } from '../engine-context.ts';
import { sipPayload } from '../frames-out.ts';
import { giveUp } from './inbound-endings.ts';
import { refuse } from './refuse.ts';

/**
 * Answers a CANCEL with 200, and its INVITE with 487 unless that has its final response already.
 * @remarks RFC 3261 §9.2; §16.10 for an INVITE that is being proxied.
 */
export function takeCancel(context: EngineContext, cancel: ServerTransaction, invite: ServerTransaction | undefined): void {
  if (invite === undefined) {
    context.counters.add('refused.cancel-without-invite');
    refuse(cancel, 481);
    return;
  }
  const inbound = context.inbound.ofTransaction(invite);
  cancel.respond(respondTo(cancel.request, { status: 200, toTag: inbound?.localTag ?? randomToken() }));
  context.proxied.get(invite)?.cancel();
  if (inbound === undefined || invite.hasFinalResponse) return;
  giveUp(context, inbound, 487);
  inbound.application.send(sipPayload(
    { source: 'network', flow: cancel.flow, transactionId: inbound.id, dialogId: inbound.dialog?.id ?? '' },
    serialize(cancel.request),
  ));
}
