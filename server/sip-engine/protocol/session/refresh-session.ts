import { routeOut } from '../../dialog/dialog.ts';
import { glareOf } from '../../dialog/glare.ts';
import { agreedAsClient, type SessionAgreement } from '../../dialog/session-expires.ts';
import { afterRefusal, type Session } from '../../dialog/session.ts';
import { waitAfterGlare } from '../../dialog/wait-after-glare.ts';
import { Headers, type SipRequest, type SipResponse } from '../../message/sip-message.ts';
import { chooseFlow } from '../choose-flow.ts';
import { completeInDialog } from '../complete-request.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { acknowledgeSuccess, newBranch } from '../engine-requests.ts';

/** How a refresh of the engine ends. */
export interface RefreshOutcome {
  onRefreshed(agreement: SessionAgreement, request: SipRequest): void;
  /** To be tried again after so many milliseconds (a second of them is `timers.second`). */
  onAgain(session: Session, afterMs: number): void;
  onFailed(): void;
}

/**
 * Refreshes a session: by UPDATE when the peer takes that, else by a re-INVITE with the session as it is.
 * @remarks RFC 4028 §7.4 and §10. Neither begins while another change of the session is open (RFC 3261 §14.1).
 */
export function refreshSession(context: EngineContext, dialog: ApplicationDialog, session: Session, outcome: RefreshOutcome): void {
  const draft = draftOf(dialog, session);
  if (glareOf(dialog, draft) !== undefined) return outcome.onAgain(session, waitAfterGlare(dialog.ownsCallId, Math.random()));
  const route = routeOut(dialog);
  chooseFlow(context.transport, route.nextHop, dialog, (choice) => {
    if (choice.kind === 'none') return outcome.onFailed();
    const branch = newBranch();
    const request = completeInDialog(draft, { dialog, route, flow: choice.flow, branch, sequence: (dialog.localSequence += 1) });
    if ('refused' in request) return outcome.onFailed();
    const fail = (): void => {
      outcome.onFailed();
      finish(dialog, request);
    };
    begin(dialog, request);
    context.counters.add('refreshed.session');
    context.transactions.sendRequest(request, branch, choice.flow, {
      onResponse: (response) => onResponse(context, { dialog, session, request, response }, outcome),
      onTimeout: fail,
      onTransportFailed: fail,
    });
  });
}

function draftOf({ takesUpdate }: ApplicationDialog, { agreement, localSdp, minSeconds = 0 }: Session): SipRequest {
  const headers = new Headers().add('Supported', 'timer').add('Session-Expires', `${Math.max(agreement.seconds, minSeconds)};refresher=uac`);
  if (minSeconds > 0) headers.add('Min-SE', String(minSeconds));
  // An INVITE without an offer would bring one, which the engine cannot answer.
  const byUpdate = takesUpdate || localSdp === '';
  return { kind: 'request', method: byUpdate ? 'UPDATE' : 'INVITE', uri: '', headers, body: byUpdate ? '' : localSdp };
}

/** What the application sends into the dialog from now on waits for the re-INVITE. */
function begin(dialog: ApplicationDialog, request: SipRequest): void {
  if (request.method !== 'INVITE') return;
  dialog.hasClientInvite = true;
  dialog.offers.requested('us', request);
  dialog.afterRefresh ??= [];
}

function finish(dialog: ApplicationDialog, { method }: SipRequest): void {
  if (method !== 'INVITE') return;
  dialog.hasClientInvite = false;
  const held = dialog.afterRefresh ?? [];
  dialog.afterRefresh = undefined;
  for (const send of held) send();
}

interface Refresh {
  readonly dialog: ApplicationDialog;
  readonly session: Session;
  readonly request: SipRequest;
  readonly response: SipResponse;
}

function onResponse(context: EngineContext, { dialog, session, request, response }: Refresh, outcome: RefreshOutcome): void {
  const { status } = response;
  if (status < 200) return;
  dialog.offers.responded('peer', request.method, response);
  if (request.method === 'INVITE' && status < 300) acknowledgeSuccess(context, dialog, Number.parseInt(request.headers.get('cseq') ?? '', 10)); // Also when the call has ended meanwhile, or its 2xx would never stop.
  if (dialog.state !== 'confirmed') return finish(dialog, request);
  if (status < 300) {
    dialog.refreshTarget(response.headers, dialog.flow);
    outcome.onRefreshed(agreedAsClient(response) ?? session.agreement, request);
  } else {
    const verdict = afterRefusal(response, { ownsCallId: dialog.ownsCallId, leftMs: (session.endsAt - Date.now()) * 1_000 / context.timers.second, random: Math.random() });
    if (verdict.kind === 'over') outcome.onFailed();
    else outcome.onAgain(verdict.minSeconds === undefined ? session : { ...session, minSeconds: verdict.minSeconds }, verdict.afterMs);
  }
  finish(dialog, request);
}
