import { randomToken } from '../../message/random-token.ts';
import { respondTo } from '../../message/respond.ts';
import { serialize } from '../../message/sip-message.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { sipPayload } from '../frames-out.ts';
import { refuse } from './refuse.ts';

/**
 * Answers a PRACK, of which the application hears; unless it asked for PRACK and there is an offer
 * in it that it has to answer.
 * @returns whether the PRACK has been answered.
 * @remarks RFC 3262 §3 and §5.
 */
export function takePrack(context: EngineContext, transaction: ServerTransaction, dialog: ApplicationDialog): boolean {
  const { request, flow } = transaction;
  const { owner } = dialog;
  if (dialog.reliable?.acknowledge(request.headers.get('rack') ?? '') !== true) {
    context.counters.add('refused.prack');
    refuse(transaction, 481);
    return true;
  }
  dialog.offers.requested('peer', request);
  if (request.body !== '' && owner.routes.has('prack')) return false;
  const response = respondTo(request, { status: 200 });
  transaction.respond(response);
  dialog.offers.responded('us', 'PRACK', response);
  owner.send(sipPayload({ source: 'network', flow, transactionId: randomToken(), dialogId: dialog.id }, serialize(request)));
  return true;
}
