import { randomToken } from '../../message/random-token.ts';
import { serialize } from '../../message/sip-message.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { ApplicationConnection } from '../application-connection.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { sipPayload } from '../frames-out.ts';
import { endUnanswered, endUnreachable } from './inbound-endings.ts';
import type { InboundRequest } from './inbound-request.ts';

/** Gives a request to an application and keeps it until it is answered. */
export function handOver(
  context: EngineContext, transaction: ServerTransaction, application: ApplicationConnection, dialog: ApplicationDialog | undefined,
): void {
  const inbound: InboundRequest = {
    id: randomToken(),
    transaction, application, dialog,
    localTag: dialog?.localTag ?? randomToken(),
    isInDialog: dialog !== undefined,
  };
  context.inbound.add(inbound);
  transaction.user = {
    onTimeout: () => endUnanswered(context, inbound),
    onTransportFailed: () => endUnreachable(context, inbound),
  };
  application.send(sipPayload(
    { source: 'network', flow: transaction.flow, transactionId: inbound.id, dialogId: dialog?.id ?? '' },
    serialize(transaction.request),
  ));
}
