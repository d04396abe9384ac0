import { contactUri, Dialog, dialogId, recordRoutes, type AcceptedInvite, type UnacknowledgedProvisional } from '../dialog/dialog.ts';
import { agreedAsClient } from '../dialog/session-expires.ts';
import { tagOf } from '../message/header-values.ts';
import { respondTo } from '../message/respond.ts';
import { Headers, serialize, type Header, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { ClientTransaction } from '../transaction/client-transaction.ts';
import type { Flow } from '../transport/flow.ts';
import { randomToken } from '../message/random-token.ts';
import type { ApplicationConnection } from './application-connection.ts';
import { endOf } from './call-records.ts';
import { withAnswerableChallenge } from './choose-challenge.ts';
import { cancelFor, sendCancel } from './cancel-request.ts';
import type { CompletedRequest } from './complete-request.ts';
import { endUnwantedFork } from './engine-requests.ts';
import type { ApplicationDialog, EngineContext, PendingOutbound } from './engine-context.ts';
import { allowsUpdate, keepSession } from './session-timer.ts';
import { sipPayload } from './frames-out.ts';
import type { Traveller } from './send-along.ts';

/** How long a dialog survives a challenged BYE, for the application to send it again with credentials. */
const CHALLENGED_BYE_MS = 5_000;

/** Early dialogs of one INVITE; a callee that rings with ever new tags gets no more of them. */
const MAX_FORKS = 16;

/** What an {@link OutboundRequest} is made with. */
export interface OutboundOptions {
  readonly id: string;
  readonly application: ApplicationConnection;
  readonly completed: CompletedRequest;
  /** The dialog that the request belongs to; absent outside dialogs. */
  readonly dialog?: ApplicationDialog;
}

/** A request that an application sent: it brings the responses back and grows the dialogs. */
export class OutboundRequest implements Traveller, AcceptedInvite, PendingOutbound {
  readonly id: string;
  readonly application: ApplicationConnection;
  readonly request: SipRequest;
  readonly sequence: number;
  transaction: ClientTransaction | undefined;
  readonly #context: EngineContext;
  readonly #completed: CompletedRequest;
  readonly #dialog: ApplicationDialog | undefined;
  /** Dialogs that responses to this request have begun, by the peer's tag: forks have several. */
  readonly #grown = new Map<string, ApplicationDialog>();
  readonly #unacknowledged: UnacknowledgedProvisional<ApplicationConnection>[] = [];
  #confirmed: ApplicationDialog | undefined;
  #cancel: SipRequest | undefined;
  #cancelSent = false;
  #ack: { text: string; flow: Flow } | undefined;

  constructor(context: EngineContext, options: OutboundOptions) {
    this.#context = context;
    this.id = options.id;
    this.application = options.application;
    this.request = options.completed.request;
    this.sequence = options.completed.sequence;
    this.#completed = options.completed;
    this.#dialog = options.dialog;
  }

  get isCancelled(): boolean {
    return this.#cancel !== undefined;
  }

  get flow(): Flow | undefined {
    return this.transaction?.flow;
  }

  get isInDialog(): boolean {
    return this.#dialog !== undefined;
  }

  /** The id that the application knows the dialog by; empty for requests that begin none. */
  get dialogId(): string {
    if (this.#dialog !== undefined) return this.#dialog.id;
    const { callId, fromTag } = this.#completed;
    return this.#beginsDialog ? dialogId(callId, fromTag) : '';
  }

  /** RFC 3261 §13.2.2.4: the ACK for a 2xx carries the credentials of its INVITE. */
  get credentials(): readonly Header[] {
    return this.request.headers.list.filter(({ name }) => name.key === 'authorization' || name.key === 'proxy-authorization');
  }

  acknowledgedWith(text: string, flow: Flow): void {
    this.#ack = { text, flow };
  }

  /**
   * Cancels an INVITE: at once, or as soon as the first provisional response is there.
   * @returns the CANCEL as it is or will be sent; undefined when it is too late.
   * @remarks RFC 3261 §9.1.
   */
  cancel(extra: readonly Header[]): SipRequest | undefined {
    const { transaction } = this;
    if (transaction?.isPending !== true || this.request.method !== 'INVITE') return undefined;
    this.#cancel ??= cancelFor(transaction.request, extra);
    if (!transaction.isSilent) this.#sendCancel();
    return this.#cancel;
  }

  onResponse(response: SipResponse, flow: Flow): void {
    if (this.#cancel !== undefined && response.status < 200) this.#sendCancel();
    if (response.status === 100) return;
    const isRepeatedSuccess = this.#confirmed !== undefined && this.request.method === 'INVITE';
    if (isRepeatedSuccess) {
      this.#onFurtherSuccess(response, flow);
      return;
    }
    if (this.#dialog === undefined) this.#growDialog(response, flow);
    else this.#updateDialog(this.#dialog, response, flow);
    if (!this.#isInOrder(response)) return;
    this.#tell(response, flow);
  }

  onTimeout(): void {
    this.#fail(408);
  }

  onTransportFailed(): void {
    this.#fail(503);
  }

  /** Gives up without telling the application, which is gone. */
  abandon(): void {
    this.cancel([]);
    this.#forget();
  }

  /**
   * Whether a reliable provisional response is the next one of its dialog; others are repetitions,
   * or will come again in order.
   * @remarks RFC 3262 §4.
   */
  #isInOrder(response: SipResponse): boolean {
    const rseq = Number(response.headers.get('rseq') ?? NaN);
    if (this.request.method !== 'INVITE' || response.status >= 200 || !Number.isInteger(rseq)) return true;
    const dialog = this.#dialog ?? this.#grown.get(tagOf(response.headers.get('to') ?? '') ?? '');
    if (dialog === undefined) return true;
    if (dialog.remoteRSeq !== undefined && rseq !== dialog.remoteRSeq + 1) {
      this.#context.counters.add('absorbed.reliable-provisional');
      return false;
    }
    dialog.remoteRSeq = rseq;
    dialog.unacknowledged = this.#unacknowledged;
    this.#unacknowledged.push({ rseq, dialog });
    return true;
  }

  get #beginsDialog(): boolean {
    return this.request.method === 'INVITE' || this.request.method === 'SUBSCRIBE';
  }

  /** A final response that no peer sent (RFC 3261 §8.1.3.1). */
  #fail(status: number): void {
    const flow = this.transaction?.flow;
    if (flow === undefined) return;
    const response = respondTo(this.request, { status, toTag: randomToken() });
    if (this.#dialog === undefined) this.#growDialog(response, flow);
    else this.#updateDialog(this.#dialog, response, flow);
    this.#tell(response, flow);
  }

  #tell(response: SipResponse, flow: Flow): void {
    if (response.status >= 200) this.#context.outbound.delete(this.id);
    this.application.send(sipPayload(
      { source: 'network', flow, transactionId: this.id, dialogId: this.dialogId }, serialize(withAnswerableChallenge(response)),
    ));
  }

  #growDialog(response: SipResponse, flow: Flow): void {
    if (!this.#beginsDialog) return;
    const { status } = response;
    if (status >= 300) {
      if (this.request.method === 'INVITE') this.#context.records.stop('network', endOf(status), response);
      this.#forget();
      return;
    }
    const tag = tagOf(response.headers.get('to') ?? '') ?? '';
    if (tag === '' && status < 200) return;
    let dialog = this.#grown.get(tag);
    if (dialog === undefined && status < 200 && this.#grown.size >= MAX_FORKS) {
      this.#context.counters.add('dropped.early-dialog');
      return;
    }
    if (dialog === undefined) {
      dialog = this.#newDialog(tag, response, flow);
      this.#grown.set(tag, dialog);
      this.#context.dialogs.add(dialog);
    } else {
      dialog.refreshTarget(response.headers, flow);
    }
    if (status < 200) return;
    dialog.routeSet = recordRoutes(response.headers).reverse(); // RFC 3261 §13.2.2.4: recomputed at the 2xx.
    dialog.state = 'confirmed';
    this.#confirmed = dialog;
    if (this.request.method === 'INVITE') {
      dialog.acceptedInvite = this;
      this.#context.records.start('network', 'uac', response);
    }
    this.#keepSession(dialog, response);
    for (const other of this.#grown.values()) if (other !== dialog) this.#context.dialogs.remove(other);
    this.#grown.clear();
    this.#context.dialogs.add(dialog); // It answers to the id, not a fork that came later.
  }

  /**
   * Begins the dialog of a SUBSCRIBE with a NOTIFY that overtook its 2xx.
   * @remarks RFC 6665 §4.1.2.4.
   */
  growFromNotify(notify: SipRequest, remoteTag: string, flow: Flow): ApplicationDialog | undefined {
    if (this.request.method !== 'SUBSCRIBE' || this.#dialog !== undefined || this.#grown.size > 0) return undefined;
    const early = { kind: 'response', status: 100, reason: '', headers: new Headers([...notify.headers.list]), body: '' } as const;
    early.headers.remove('to');
    early.headers.add('To', notify.headers.get('from') ?? '');
    const dialog = this.#newDialog(remoteTag, early, flow);
    // Its Record-Route was written for a request to us: not reversed (RFC 3261 §12.1.1).
    dialog.routeSet = recordRoutes(notify.headers);
    this.#grown.set(remoteTag, dialog);
    this.#context.dialogs.add(dialog);
    return dialog;
  }

  #newDialog(remoteTag: string, response: SipResponse, flow: Flow): ApplicationDialog {
    return new Dialog<ApplicationConnection>({
      id: this.dialogId,
      method: this.request.method,
      callId: this.#completed.callId,
      localTag: this.#completed.fromTag,
      remoteTag,
      local: this.request.headers.get('from') ?? '',
      remote: response.headers.get('to') ?? '',
      localSequence: this.sequence,
      remoteSequence: -1,
      routeSet: recordRoutes(response.headers).reverse(),
      remoteTarget: contactUri(response.headers),
      flow,
      owner: this.application,
    });
  }

  /** A response to a request inside a dialog. */
  #updateDialog(dialog: ApplicationDialog, response: SipResponse, flow: Flow): void {
    const { status } = response;
    const { method } = this.request;
    if (method === 'INVITE' && status >= 200) dialog.hasClientInvite = false;
    if (status >= 200 && status < 300) {
      if (method === 'INVITE' || method === 'UPDATE' || method === 'SUBSCRIBE' || method === 'REFER') dialog.refreshTarget(response.headers, flow);
      if (method === 'INVITE') {
        this.#confirmed = dialog;
        dialog.acceptedInvite = this;
      }
    }
    if (status >= 200 && status < 300) this.#keepSession(dialog, response);
    if (status < 200 || !this.#endsDialog(dialog)) return;
    if (status === 401 || status === 407) {
      this.#context.dialogs.removeAfter(dialog, CHALLENGED_BYE_MS);
    } else {
      this.#context.dialogs.remove(dialog);
    }
  }

  /** RFC 4028 §7.2: what the 2xx says, also when it says nothing. */
  #keepSession(dialog: ApplicationDialog, response: SipResponse): void {
    if (this.request.method !== 'INVITE' && this.request.method !== 'UPDATE') return;
    const agreement = agreedAsClient(response);
    const takesUpdate = allowsUpdate(response.headers);
    const localSdp = agreement?.isOurs === true && !takesUpdate ? this.request.body : '';
    keepSession(this.#context, dialog, agreement && { agreement, takesUpdate, localSdp });
  }

  #endsDialog(dialog: ApplicationDialog): boolean {
    if (this.request.method === 'BYE') return true;
    return this.request.method === 'NOTIFY' && dialog.method === 'SUBSCRIBE'
      && /^\s*terminated/i.test(this.request.headers.get('subscription-state') ?? '');
  }

  /** A 2xx after the first: a retransmission gets its ACK again, another fork is hung up (§13.2.2.4). */
  #onFurtherSuccess(response: SipResponse, flow: Flow): void {
    if (response.status < 200 || response.status >= 300 || this.#confirmed === undefined) return;
    const tag = tagOf(response.headers.get('to') ?? '') ?? '';
    if (tag === this.#confirmed.remoteTag) {
      this.#context.counters.add('absorbed.retransmission');
      if (this.#ack !== undefined) this.#ack.flow.send(this.#ack.text);
      return;
    }
    this.#context.counters.add('ended.fork');
    endUnwantedFork(this.#context, this.#newDialog(tag, response, flow), this.sequence);
  }

  #forget(): void {
    this.#context.outbound.delete(this.id);
    for (const dialog of this.#grown.values()) this.#context.dialogs.remove(dialog);
    this.#grown.clear();
  }

  #sendCancel(): void {
    const { transaction } = this;
    if (this.#cancel === undefined || this.#cancelSent || transaction === undefined) return;
    this.#cancelSent = true;
    sendCancel(this.#context, transaction, [], this.#cancel);
  }
}
