import { routeOut } from '../../dialog/dialog.ts';
import { randomToken } from '../../message/random-token.ts';
import { serialize } from '../../message/sip-message.ts';
import { chooseFlow } from '../choose-flow.ts';
import { completeInDialog } from '../complete-request.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { endDialog, newBranch } from '../engine-requests.ts';
import { requestSentPayload } from '../frames-out.ts';
import { keepAcknowledgedSession } from '../session/session-timer.ts';
import { refuseRequest, type ApplicationRequest } from './application-request.ts';

/**
 * Sends the ACK for a 2xx: a transaction of its own, kept to be repeated.
 * @remarks RFC 3261 §13.2.2.4.
 */
export function sendAck(context: EngineContext, dialog: ApplicationDialog, request: ApplicationRequest): void {
  const invite = dialog.acceptedInvite;
  if (invite === undefined) return refuseRequest(request, 'no INVITE waits for an ACK in this dialog');
  dialog.acceptedInvite = undefined;
  const { application, frame, draft } = request;
  const route = routeOut(dialog);
  chooseFlow(context.transport, route.nextHop, dialog, (choice) => {
    if (choice.kind === 'none') return refuseRequest(request, choice.reason);
    const { flow } = choice;
    const ack = completeInDialog(draft, { dialog, route, flow, branch: newBranch(), sequence: invite.sequence });
    if ('refused' in ack) return refuseRequest(request, ack.refused);
    ack.headers.list.push(...invite.credentials);
    const text = serialize(ack);
    flow.send(text);
    dialog.offers.requested('us', ack);
    keepAcknowledgedSession(dialog, ack);
    invite.acknowledgedWith(text, flow);
    application.send(requestSentPayload(frame.id, { source: 'application', flow, transactionId: randomToken(), dialogId: dialog.id }, text));
    // drachtio-srf makes no dialog of such an answer and will not hang up: the engine has to.
    if (dialog.remoteTarget === undefined) endDialog(context, dialog, 'no Contact in the answer');
  });
}
