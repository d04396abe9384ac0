import { randomToken } from '../../message/random-token.ts';
import { serialize } from '../../message/sip-message.ts';
import type { EngineContext } from '../engine-context.ts';
import { requestSentPayload } from '../frames-out.ts';
import { refuseRequest, type ApplicationRequest } from './application-request.ts';

/**
 * Cancels an INVITE of the application that names it by its transaction.
 * @remarks RFC 3261 §9.1.
 */
export function sendCancelOf(context: EngineContext, request: ApplicationRequest): void {
  const { application, frame, draft } = request;
  const outbound = context.outbound.get(frame.transactionId);
  const cancel = outbound?.application === application ? outbound.cancel(draft.headers.list) : undefined;
  if (outbound?.flow === undefined || cancel === undefined) {
    return refuseRequest(request, `unable to cancel unknown transaction id: ${frame.transactionId}`);
  }
  application.send(requestSentPayload(
    frame.id, { source: 'application', flow: outbound.flow, transactionId: randomToken(), dialogId: '' }, serialize(cancel),
  ));
}
