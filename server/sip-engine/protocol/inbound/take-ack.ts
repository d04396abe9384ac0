import type { Essentials } from '../../message/essentials.ts';
import { randomToken } from '../../message/random-token.ts';
import { serialize, type SipRequest } from '../../message/sip-message.ts';
import type { Flow } from '../../transport/flow.ts';
import type { EngineContext } from '../engine-context.ts';
import { sipPayload } from '../frames-out.ts';
import { passAck } from '../proxy/pass-in-dialog.ts';

/**
 * Takes the ACK for a 2xx to the application, or passes it on; strays are dropped, counted.
 * @remarks RFC 3261 §13.3.1.4.
 */
export function takeAck(context: EngineContext, request: SipRequest, essentials: Essentials, flow: Flow): void {
  const dialog = context.dialogs.findForRequest(essentials);
  if (dialog === undefined && passAck(context, request, essentials)) return;
  const awaited = dialog?.awaitedAck;
  if (dialog === undefined || awaited === undefined || awaited.sequence !== essentials.cseq.number) {
    context.counters.add(dialog === undefined ? 'dropped.stray-ack' : 'absorbed.retransmission');
    return;
  }
  dialog.awaitedAck = undefined;
  dialog.offers.requested('peer', request);
  dialog.owner.send(sipPayload({ source: 'network', flow, transactionId: randomToken(), dialogId: dialog.id }, serialize(request)));
  awaited.settle();
}
