import { contactUri, Dialog, dialogId, recordRoutes } from '../../dialog/dialog.ts';
import { withTag } from '../../message/respond.ts';
import type { ApplicationConnection } from '../application-connection.ts';
import type { ApplicationDialog, InboundRequest } from './inbound-request.ts';

/**
 * Begins the dialog of a request that is being answered.
 * @remarks RFC 3261 §12.1.1.
 */
export function beginDialogOf(inbound: InboundRequest): ApplicationDialog {
  const { essentials, request, flow } = inbound.transaction;
  const dialog = new Dialog<ApplicationConnection>({
    id: dialogId(essentials.callId, essentials.fromTag),
    method: request.method,
    event: request.headers.get('event'),
    callId: essentials.callId,
    localTag: inbound.localTag,
    remoteTag: essentials.fromTag,
    local: withTag(essentials.to, inbound.localTag),
    remote: essentials.from,
    localSequence: 0,
    remoteSequence: essentials.cseq.number,
    routeSet: recordRoutes(request.headers),
    remoteTarget: contactUri(request.headers),
    flow,
    owner: inbound.application,
    ownsCallId: false,
  });
  dialog.hasServerInvite = request.method === 'INVITE';
  dialog.offers.requested('peer', request);
  dialog.learnMethods(request.headers);
  return dialog;
}
