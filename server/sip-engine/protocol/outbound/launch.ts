import { serialize, type SipRequest } from '../../message/sip-message.ts';
import type { Ways } from '../../transport/ways.ts';
import type { EngineContext } from '../engine-context.ts';
import { requestSentPayload } from '../frames-out.ts';
import type { OutboundRequest } from './outbound-request.ts';
import { firstDeparture, sendAlong, type Departure } from './send-along.ts';

/** How a request leaves, and the frame that asked for it. */
export interface Launch {
  readonly frameId: string;
  readonly ways: Ways;
  readonly departure: Departure;
}

/** Sends a complete request. The OK goes first: drachtio-srf must know the transaction before its first response. */
export function launch(context: EngineContext, outbound: OutboundRequest, { frameId, ways, departure }: Launch): void {
  const { application, id } = outbound;
  const first = firstDeparture(departure, ways);
  context.outbound.set(id, outbound);
  application.send(requestSentPayload(
    frameId, { source: 'application', flow: first.flow, transactionId: id, dialogId: outbound.dialogId }, serialize(first.request),
  ));
  record(context, outbound, first.request);
  sendAlong(context, first, ways, outbound);
}

function record({ records, dialogs }: EngineContext, { dialogId, isInDialog }: OutboundRequest, request: SipRequest): void {
  if (request.method === 'INVITE' && !isInDialog) records.attempt('application', request);
  else if (request.method === 'BYE' && dialogs.findById(dialogId)?.state === 'confirmed') records.stop('application', 'normal-release', request);
}
