import { routeOut } from '../dialog/dialog.ts';
import { agreedAsClient, type SessionAgreement } from '../dialog/session-expires.ts';
import { splitList } from '../message/header-values.ts';
import { Headers, serialize, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { chooseFlow } from './choose-flow.ts';
import { completeInDialog } from './complete-request.ts';
import type { ApplicationDialog, EngineContext } from './engine-context.ts';
import { endDialog, newBranch } from './engine-requests.ts';

/** What a refresh needs besides the dialog. */
export interface SessionState {
  readonly agreement: SessionAgreement;
  /** Whether the peer takes UPDATE; else the refresh is a re-INVITE with the session as it is. */
  readonly takesUpdate: boolean;
  readonly localSdp: string;
}

/** Whether a message's Allow names UPDATE (RFC 3311 §5.1). */
export const allowsUpdate = (headers: Headers): boolean =>
  headers.all('allow').some((line) => splitList(line).some((method) => method.toUpperCase() === 'UPDATE'));

/**
 * Starts the session timer of a dialog anew: refreshes the session, or hangs up when the peer does not.
 * @param state - undefined stops the timer: a 2xx without Session-Expires.
 * @remarks RFC 4028 §10: we refresh after half of the interval; without the peer's refresh we hang
 *   up the smaller of 32 seconds and a third of the interval before its end. drachtio-srf gets the
 *   BYE as `unsolicited`, as from drachtio-server.
 */
export function keepSession(context: EngineContext, dialog: ApplicationDialog, state: SessionState | undefined): void {
  clearTimeout(dialog.sessionTimer);
  dialog.sessionTimer = undefined;
  if (state === undefined || dialog.state !== 'confirmed') return;
  const { seconds, isOurs } = state.agreement;
  const wait = isOurs ? seconds / 2 : seconds - Math.min(32, seconds / 3);
  dialog.sessionTimer = setTimeout(() => {
    if (isOurs) refresh(context, dialog, state);
    else expire(context, dialog);
  }, Math.min(wait * context.timers.second, 2 ** 31 - 1));
}

/** Does as the 2xx to an INVITE or UPDATE of ours says, also when it says nothing (RFC 4028 §7.2). */
export function keepAnsweredSession(context: EngineContext, dialog: ApplicationDialog, request: SipRequest, response: SipResponse): void {
  if (request.method !== 'INVITE' && request.method !== 'UPDATE') return;
  const agreement = agreedAsClient(response);
  const takesUpdate = allowsUpdate(response.headers);
  const localSdp = agreement?.isOurs === true && !takesUpdate ? request.body : '';
  keepSession(context, dialog, agreement && { agreement, takesUpdate, localSdp });
}

function expire(context: EngineContext, dialog: ApplicationDialog): void {
  context.counters.add('ended.session-expired');
  endDialog(context, dialog, 'Session timer expired');
}

function refresh(context: EngineContext, dialog: ApplicationDialog, state: SessionState): void {
  const isBusy = dialog.hasClientInvite || dialog.hasServerInvite;
  if (isBusy) return keepSession(context, dialog, { ...state, agreement: { ...state.agreement, seconds: state.agreement.seconds / 4 } });
  const method = state.takesUpdate ? 'UPDATE' : 'INVITE';
  const route = routeOut(dialog);
  chooseFlow(context.transport, route.nextHop, dialog, (choice) => {
    if (choice.kind === 'none') return expire(context, dialog);
    const headers = new Headers().add('Supported', 'timer').add('Session-Expires', `${state.agreement.seconds};refresher=uac`);
    const branch = newBranch();
    const sequence = (dialog.localSequence += 1);
    const body = method === 'INVITE' ? state.localSdp : '';
    const request = completeInDialog({ kind: 'request', method, uri: '', headers, body }, { dialog, route, flow: choice.flow, branch, sequence });
    if ('refused' in request) return expire(context, dialog);
    if (method === 'INVITE') dialog.hasClientInvite = true;
    context.counters.add('refreshed.session');
    context.transactions.sendRequest(request, branch, choice.flow, {
      onResponse: (response) => onRefreshed(context, dialog, state, { response, method, sequence }),
      onTimeout: () => expire(context, dialog),
      onTransportFailed: () => expire(context, dialog),
    });
  });
}

/** RFC 4028 §10 and RFC 3261 §12.2.1.2: 408 and 481 end the dialog; another refusal is tried again in what is left. */
function onRefreshed(
  context: EngineContext, dialog: ApplicationDialog, state: SessionState,
  { response, method, sequence }: { response: SipResponse; method: string; sequence: number },
): void {
  if (response.status < 200 || dialog.state !== 'confirmed') return;
  if (method === 'INVITE') dialog.hasClientInvite = false;
  if (response.status === 408 || response.status === 481) return expire(context, dialog);
  if (response.status >= 300) {
    if (state.agreement.seconds < 4) return expire(context, dialog);
    return keepSession(context, dialog, { ...state, agreement: { ...state.agreement, seconds: state.agreement.seconds / 2 } });
  }
  dialog.refreshTarget(response.headers, dialog.flow);
  if (method === 'INVITE') acknowledge(context, dialog, sequence);
  keepSession(context, dialog, { ...state, agreement: agreedAsClient(response) ?? state.agreement });
}

function acknowledge(context: EngineContext, dialog: ApplicationDialog, sequence: number): void {
  const route = routeOut(dialog);
  chooseFlow(context.transport, route.nextHop, dialog, (choice) => {
    if (choice.kind === 'none') return;
    const draft = { kind: 'request', method: 'ACK', uri: '', headers: new Headers(), body: '' } as const;
    const ack = completeInDialog(draft, { dialog, route, flow: choice.flow, branch: newBranch(), sequence });
    if (!('refused' in ack)) choice.flow.send(serialize(ack));
  });
}
