import { routeOut } from '../../dialog/dialog.ts';
import { glareOf } from '../../dialog/glare.ts';
import { parseCSeq } from '../../message/header-values.ts';
import { randomToken } from '../../message/random-token.ts';
import { chooseFlow } from '../choose-flow.ts';
import { completeInDialog } from '../complete-request.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { newBranch } from '../engine-requests.ts';
import { keepNotifiedSubscription } from '../session/keep-subscription.ts';
import { refuseRequest, type ApplicationRequest } from './application-request.ts';
import { launch } from './launch.ts';
import { OutboundRequest } from './outbound-request.ts';
import { departureOf } from './send-along.ts';

/**
 * Sends a request in a dialog, unless it has to wait.
 * @param again - sends it later, when it has to wait for something that the application cannot know of.
 * @remarks RFC 3261 §12.2.1.1.
 */
export function sendInside(context: EngineContext, dialog: ApplicationDialog, request: ApplicationRequest, again: () => void): void {
  const { application, frame, draft } = request;
  if (hasToWait(context, dialog, request, again)) return;
  const route = routeOut(dialog, draft.method === 'PRACK' || draft.uri.startsWith('sip:placeholder') ? undefined : draft.uri);
  chooseFlow(context.transport, route.nextHop, dialog, (choice) => {
    if (dialog.state === 'ended') return refuseRequest(request, 'unable to find dialog for dialog id provided');
    if (choice.kind === 'none') return refuseRequest(request, choice.reason);
    const sequence = Math.max(dialog.localSequence + 1, parseCSeq(draft.headers.get('cseq') ?? '')?.number ?? 0);
    const branch = newBranch();
    const complete = completeInDialog(draft, { dialog, route, flow: choice.flow, branch, sequence });
    if ('refused' in complete) return refuseRequest(request, complete.refused);
    dialog.localSequence = sequence;
    if (draft.method === 'INVITE') dialog.hasClientInvite = true;
    dialog.offers.requested('us', complete);
    keepNotifiedSubscription(context, dialog, complete);
    const completed = { request: complete, callId: dialog.callId, fromTag: dialog.localTag, sequence };
    const outbound = new OutboundRequest(context, { id: frame.transactionId || randomToken(), application, completed, dialog });
    launch(context, outbound, { frameId: frame.id, ways: choice.ways, departure: departureOf(complete, branch, choice.flow) });
  });
}

/**
 * Holds a BYE until the ACK that begins the call (RFC 3261 §15), a re-INVITE until any ACK of our 2xx (§14.1), and
 * what changes the session while the engine itself refreshes it; refuses what crosses another change, of which the
 * application knows.
 */
function hasToWait({ counters }: EngineContext, dialog: ApplicationDialog, request: ApplicationRequest, again: () => void): boolean {
  const { draft } = request;
  const { awaitedAck } = dialog;
  if (awaitedAck !== undefined && ((draft.method === 'BYE' && awaitedAck.beginsCall) || draft.method === 'INVITE')) {
    awaitedAck.whenSettled(draft.method, again);
    return true;
  }
  if (draft.method === 'BYE') return false;
  const glare = glareOf(dialog, draft);
  if (glare === undefined) return false;
  if (dialog.afterRefresh !== undefined) {
    dialog.afterRefresh.push(again);
    return true;
  }
  counters.add('refused.application-glare');
  refuseRequest(request, `request pending in this dialog: ${glare === 'we-owe' ? 'answer the peer first' : 'the peer has not answered'}`);
  return true;
}
