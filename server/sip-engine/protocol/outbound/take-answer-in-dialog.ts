import type { AcceptedInvite } from '../../dialog/dialog.ts';
import type { SipRequest, SipResponse } from '../../message/sip-message.ts';
import type { Flow } from '../../transport/flow.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { keepSubscription } from '../session/keep-subscription.ts';
import { keepAnsweredSession } from '../session/session-timer.ts';

/** How long a dialog survives a challenged BYE, for the application to send it again with credentials. */
const CHALLENGED_BYE_MS = 5_000;

/** Methods whose 2xx moves the peer's target (RFC 3261 §12.2.1.2, RFC 3311 §5.1, RFC 6665). */
const REFRESHES_TARGET = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'REFER']);

/** A request in a dialog, and one response to it. */
export interface AnswerInDialog {
  readonly request: SipRequest;
  readonly response: SipResponse;
  readonly flow: Flow;
  /** Waits for its ACK, when it is an INVITE. */
  readonly invite: AcceptedInvite;
}

/**
 * Brings a dialog up to date with a response to a request of its application.
 * @remarks RFC 3261 §12.2.1.2 and §15.1.1.
 */
export function takeAnswerInDialog(context: EngineContext, dialog: ApplicationDialog, { request, response, flow, invite }: AnswerInDialog): void {
  const { status } = response;
  if (status < 200) return;
  if (request.method === 'INVITE') dialog.hasClientInvite = false;
  if (status < 300) {
    if (REFRESHES_TARGET.has(request.method)) dialog.refreshTarget(response.headers, flow);
    if (request.method === 'INVITE') dialog.acceptedInvite = invite;
    keepAnsweredSession(context, dialog, request, response);
    if (request.method === 'SUBSCRIBE') keepSubscription(context, dialog, response.headers, request.headers);
  }
  if (!endsDialog(dialog, request)) return;
  if (status === 401 || status === 407) context.dialogs.removeAfter(dialog, CHALLENGED_BYE_MS);
  else context.dialogs.remove(dialog);
}

function endsDialog(dialog: ApplicationDialog, { method, headers }: SipRequest): boolean {
  if (method === 'BYE') return true;
  return method === 'NOTIFY' && dialog.method === 'SUBSCRIBE' && /^\s*terminated/i.test(headers.get('subscription-state') ?? '');
}
