import { routeOut } from '../dialog/dialog.ts';
import { randomToken } from '../message/random-token.ts';
import { Headers, serialize, type SipRequest } from '../message/sip-message.ts';
import type { ClientTransactionUser } from '../transaction/client-transaction.ts';
import { MAGIC_COOKIE } from '../transaction/transaction-layer.ts';
import type { Flow } from '../transport/flow.ts';
import type { CallEnd } from './call-records.ts';
import { chooseFlow } from './choose-flow.ts';
import { completeInDialog } from './complete-request.ts';
import type { ApplicationDialog, EngineContext } from './engine-context.ts';
import { sipPayload } from './frames-out.ts';

/** A request that the engine sends on its own account: nobody waits for its outcome. */
const NOBODY: ClientTransactionUser = {
  onResponse: () => undefined,
  onTimeout: () => undefined,
  onTransportFailed: () => undefined,
};

/** What the reasons of the engine are called in call records. */
const END_OF: Readonly<Record<string, CallEnd>> = { 'ACK timeout': 'ack-timeout', 'Session timer expired': 'session-expired' };

/**
 * Ends a call with a BYE of the engine's own, and tells the application; a subscription ends as its package says.
 * @param text - goes into the Reason header; drachtio-srf hands it to the dialog's `destroy` event.
 */
export function endDialog(context: EngineContext, dialog: ApplicationDialog, text: string): void {
  if (dialog.state === 'ended') return;
  context.dialogs.remove(dialog);
  const { awaitedAck } = dialog;
  dialog.awaitedAck = undefined;
  awaitedAck?.settle();
  if (dialog.method === 'SUBSCRIBE') return endSubscription(context, dialog);
  sendBye(context, dialog, `SIP ;cause=200 ;text="${text}"`, (bye, flow) => {
    dialog.owner.send(sipPayload({ source: 'application', flow, transactionId: 'unsolicited', dialogId: dialog.id }, serialize(bye)));
    context.records.stop('application', END_OF[text] ?? 'system-initiated-termination', bye);
  });
}

/** Acknowledges and hangs up a fork that answered too late (RFC 3261 §13.2.2.4). */
export function endUnwantedFork(context: EngineContext, dialog: ApplicationDialog, inviteSequence: number): void {
  acknowledgeSuccess(context, dialog, inviteSequence);
  sendBye(context, dialog, 'SIP ;cause=200 ;text="Call completed elsewhere"', () => undefined);
}

/** Sends the ACK for a 2xx that no application acknowledges (RFC 3261 §13.2.2.4). */
export function acknowledgeSuccess(context: EngineContext, dialog: ApplicationDialog, inviteSequence: number): void {
  const route = routeOut(dialog);
  chooseFlow(context.transport, route.nextHop, dialog, (choice) => {
    if (choice.kind === 'none') {
      context.counters.add('dropped.ack-without-route');
      return;
    }
    const ack = completeInDialog(bare('ACK'), { dialog, route, flow: choice.flow, branch: newBranch(), sequence: inviteSequence });
    if (!('refused' in ack)) choice.flow.send(serialize(ack));
  });
}

/** A branch for a new client transaction. */
export const newBranch = (): string => MAGIC_COOKIE + randomToken();

const bare = (method: string): SipRequest => ({ kind: 'request', method, uri: 'sip:placeholder', headers: new Headers(), body: '' });

function sendBye(context: EngineContext, dialog: ApplicationDialog, reason: string, sent: (bye: SipRequest, flow: Flow) => void): void {
  const draft = bare('BYE');
  draft.headers.add('Reason', reason);
  sendForNobody(context, dialog, draft, sent);
}

/** RFC 6665 §4.4.1: the notifier says that it is over, the subscriber that it wants no more. */
function endSubscription(context: EngineContext, dialog: ApplicationDialog): void {
  const draft = bare(dialog.ownsCallId ? 'SUBSCRIBE' : 'NOTIFY');
  if (dialog.event !== undefined) draft.headers.add('Event', dialog.event);
  if (dialog.ownsCallId) draft.headers.add('Expires', '0');
  else draft.headers.add('Subscription-State', 'terminated;reason=deactivated');
  sendForNobody(context, dialog, draft, () => undefined);
}

function sendForNobody(context: EngineContext, dialog: ApplicationDialog, draft: SipRequest, sent: (request: SipRequest, flow: Flow) => void): void {
  const route = routeOut(dialog);
  chooseFlow(context.transport, route.nextHop, dialog, (choice) => {
    if (choice.kind === 'none') {
      context.counters.add('dropped.bye-without-route');
      return;
    }
    const branch = newBranch();
    const request = completeInDialog(draft, { dialog, route, flow: choice.flow, branch, sequence: (dialog.localSequence += 1) });
    if ('refused' in request) return;
    context.transactions.sendRequest(request, branch, choice.flow, NOBODY);
    sent(request, choice.flow);
  });
}
