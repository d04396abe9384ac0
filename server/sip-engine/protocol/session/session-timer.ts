import { agreedAsClient, type SessionAgreement } from '../../dialog/session-expires.ts';
import { marginOf, type Session } from '../../dialog/session.ts';
import { carriesSession } from '../../message/carries-session.ts';
import type { SipRequest, SipResponse } from '../../message/sip-message.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { endDialog } from '../engine-requests.ts';
import { refreshSession } from './refresh-session.ts';

/** The longest time that a timer takes. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Starts the session timer of a dialog anew: refreshes the session, or hangs up when the peer does not.
 * @param agreement - undefined stops the timer: a 2xx without Session-Expires.
 * @param localSdp - what we said in the exchange; empty when it changed nothing.
 * @remarks RFC 4028 §10: we refresh after half of the interval; without the peer's refresh we hang
 *   up the smaller of 32 seconds and a third of the interval before its end. drachtio-srf gets the
 *   BYE as `unsolicited`, as from drachtio-server.
 */
export function keepSession(context: EngineContext, dialog: ApplicationDialog, agreement: SessionAgreement | undefined, localSdp: string): void {
  const before = dialog.session;
  clearTimeout(dialog.sessionTimer);
  dialog.sessionTimer = undefined;
  dialog.session = undefined;
  if (agreement === undefined || dialog.state !== 'confirmed') return;
  const { seconds, isOurs } = agreement;
  const needsSdp = isOurs && !dialog.takesUpdate;
  dialog.session = {
    agreement,
    localSdp: needsSdp ? localSdp || (before?.localSdp ?? '') : '',
    ...(before?.minSeconds === undefined ? {} : { minSeconds: before.minSeconds }),
    endsAt: Date.now() + (seconds - marginOf(seconds)) * context.timers.second,
  };
  wake(context, dialog, (isOurs ? seconds / 2 : seconds - marginOf(seconds)) * context.timers.second);
}

/** Does as the 2xx to an INVITE or UPDATE of ours says, also when it says nothing (RFC 4028 §7.2). */
export function keepAnsweredSession(context: EngineContext, dialog: ApplicationDialog, request: SipRequest, response: SipResponse): void {
  if (request.method === 'INVITE' || request.method === 'UPDATE') keepSession(context, dialog, agreedAsClient(response), request.body);
}

/** Takes our answer to an offer in a 2xx: a refresh will have to repeat it. */
export function keepAcknowledgedSession(dialog: ApplicationDialog, ack: SipRequest): void {
  const { session } = dialog;
  if (session?.agreement.isOurs === true && !dialog.takesUpdate && carriesSession(ack)) dialog.session = { ...session, localSdp: ack.body };
}

function wake(context: EngineContext, dialog: ApplicationDialog, afterMs: number): void {
  clearTimeout(dialog.sessionTimer);
  dialog.sessionTimer = setTimeout(() => onTime(context, dialog), Math.min(afterMs, LONGEST_MS));
}

function onTime(context: EngineContext, dialog: ApplicationDialog): void {
  const { session } = dialog;
  if (session === undefined) return;
  if (!session.agreement.isOurs) return expire(context, dialog);
  refreshSession(context, dialog, session, {
    onRefreshed: (agreement, request) => keepSession(context, dialog, agreement, request.body),
    onAgain: (next, afterMs) => again(context, dialog, next, afterMs),
    onFailed: () => expire(context, dialog),
  });
}

/** Tries once more, unless the session has to be given up before (RFC 4028 §10). */
function again(context: EngineContext, dialog: ApplicationDialog, session: Session, afterMs: number): void {
  const scaledMs = afterMs * context.timers.second / 1_000;
  if (dialog.state !== 'confirmed') return;
  dialog.session = session;
  if (Date.now() + scaledMs >= session.endsAt) expire(context, dialog);
  else wake(context, dialog, scaledMs);
}

function expire(context: EngineContext, dialog: ApplicationDialog): void {
  context.counters.add('ended.session-expired');
  endDialog(context, dialog, 'Session timer expired');
}
