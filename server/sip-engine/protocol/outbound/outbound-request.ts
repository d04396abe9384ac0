import { dialogId } from '../../dialog/dialog.ts';
import { ProvisionalOrder } from '../../dialog/provisional-order.ts';
import { tagOf } from '../../message/header-values.ts';
import { randomToken } from '../../message/random-token.ts';
import { respondTo } from '../../message/respond.ts';
import { serialize, type Header, type SipRequest, type SipResponse } from '../../message/sip-message.ts';
import type { ClientTransaction } from '../../transaction/client-transaction.ts';
import type { Flow } from '../../transport/flow.ts';
import type { ApplicationConnection } from '../application-connection.ts';
import { endOf } from '../call-records.ts';
import type { CompletedRequest } from '../complete-request.ts';
import type { ApplicationDialog, EngineContext, PendingOutbound } from '../engine-context.ts';
import { sipPayload } from '../frames-out.ts';
import { keepSubscription } from '../session/keep-subscription.ts';
import { keepAnsweredSession } from '../session/session-timer.ts';
import { Acceptance } from './accepted-invite.ts';
import { withAnswerableChallenge } from './choose-challenge.ts';
import { Forks } from './forks.ts';
import { HeldCancel } from './held-cancel.ts';
import type { Traveller } from './send-along.ts';
import { takeAnswerInDialog } from './take-answer-in-dialog.ts';
import { UnwantedAnswers } from './unwanted-answers.ts';

/** What an {@link OutboundRequest} is made with. */
export interface OutboundOptions {
  readonly id: string;
  readonly application: ApplicationConnection;
  readonly completed: CompletedRequest;
  /** The dialog that the request belongs to; absent outside dialogs. */
  readonly dialog?: ApplicationDialog;
}

/** A request that an application sent: it brings the responses back and grows the dialogs. */
export class OutboundRequest implements Traveller, PendingOutbound {
  readonly id: string;
  readonly application: ApplicationConnection;
  readonly request: SipRequest;
  /** The id that the application knows the dialog by; empty for requests that begin none. */
  readonly dialogId: string;
  transaction: ClientTransaction | undefined;
  readonly #context: EngineContext;
  readonly #dialog: ApplicationDialog | undefined;
  /** The dialogs that responses begin; undefined for requests that begin none. */
  readonly #forks: Forks | undefined;
  readonly #acceptance: Acceptance;
  readonly #unwanted: UnwantedAnswers;
  readonly #cancel: HeldCancel;
  readonly #order = new ProvisionalOrder<ApplicationConnection>();
  #confirmed: ApplicationDialog | undefined;
  #isAbandoned = false;

  constructor(context: EngineContext, { id, application, completed, dialog }: OutboundOptions) {
    this.#context = context;
    this.id = id;
    this.application = application;
    this.request = completed.request;
    this.#acceptance = new Acceptance(completed.request, completed.sequence);
    this.#unwanted = new UnwantedAnswers(context, completed.sequence);
    this.#cancel = new HeldCancel(context);
    this.#dialog = dialog;
    const begins = dialog === undefined && (this.request.method === 'INVITE' || this.request.method === 'SUBSCRIBE');
    this.dialogId = dialog?.id ?? (begins ? dialogId(completed.callId, completed.fromTag) : '');
    if (begins) this.#forks = new Forks(context, { dialogId: this.dialogId, application, completed });
  }

  get isCancelled(): boolean {
    return this.#cancel.isWanted;
  }

  get flow(): Flow | undefined {
    return this.transaction?.flow;
  }

  get isInDialog(): boolean {
    return this.#dialog !== undefined;
  }

  /**
   * Cancels an INVITE: at once, or as soon as the first provisional response is there.
   * @returns the CANCEL as it is or will be sent; undefined when it is too late.
   * @remarks RFC 3261 §9.1.
   */
  cancel(extra: readonly Header[]): SipRequest | undefined {
    const { transaction } = this;
    if (transaction?.isPending !== true || this.request.method !== 'INVITE') return undefined;
    return this.#cancel.want(transaction, extra);
  }

  onResponse(response: SipResponse, flow: Flow): void {
    if (response.status < 200) this.#cancel.release(this.transaction);
    if (response.status === 100) return;
    const isAnswered = this.request.method === 'INVITE' && response.status >= 200 && response.status < 300;
    if (this.#isAbandoned) {
      if (isAnswered) this.#unwanted.take(response, flow, this.#forks, this.#dialog);
      return;
    }
    if (this.#confirmed !== undefined) {
      if (isAnswered) this.#onFurtherSuccess(this.#confirmed, response, flow);
      return;
    }
    const dialog = this.#take(response, flow);
    if (this.request.method === 'INVITE' && !this.#order.takes(response, dialog)) {
      this.#context.counters.add('absorbed.reliable-provisional');
      return;
    }
    dialog?.offers.responded('peer', this.request.method, response);
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
    this.#isAbandoned = true;
    this.cancel([]);
    this.#forget();
  }

  growFromNotify(notify: SipRequest, flow: Flow): ApplicationDialog | undefined {
    return this.request.method === 'SUBSCRIBE' ? this.#forks?.growFromNotify(notify, flow) : undefined;
  }

  /** A final response that no peer sent (RFC 3261 §8.1.3.1). */
  #fail(status: number): void {
    const flow = this.transaction?.flow;
    if (flow === undefined) return;
    const response = respondTo(this.request, { status, toTag: randomToken() });
    this.#take(response, flow)?.offers.responded('peer', this.request.method, response);
    this.#tell(response, flow);
  }

  /** Brings the dialogs up to date. @returns the one that the response belongs to. */
  #take(response: SipResponse, flow: Flow): ApplicationDialog | undefined {
    const dialog = this.#dialog;
    if (dialog !== undefined) {
      takeAnswerInDialog(this.#context, dialog, { request: this.request, response, flow, invite: this.#acceptance });
      if (this.request.method === 'INVITE' && response.status >= 200 && response.status < 300) this.#confirmed = dialog;
      return dialog;
    }
    if (this.#forks === undefined) return undefined;
    if (response.status < 300) return this.#grow(this.#forks, response, flow);
    this.#onRefused(response);
    return undefined;
  }

  #onRefused(response: SipResponse): void {
    if (this.request.method === 'INVITE') this.#context.records.stop('network', endOf(response.status), response);
    this.#forget();
  }

  #grow(forks: Forks, response: SipResponse, flow: Flow): ApplicationDialog | undefined {
    const dialog = forks.grow(response, flow);
    if (dialog === undefined || response.status < 200) return dialog;
    forks.confirm(dialog, response);
    if (this.request.method === 'INVITE') {
      this.#confirmed = dialog;
      dialog.acceptedInvite = this.#acceptance;
      this.#context.records.start('network', 'uac', response);
    } else {
      keepSubscription(this.#context, dialog, response.headers, this.request.headers);
    }
    keepAnsweredSession(this.#context, dialog, this.request, response);
    return dialog;
  }

  #tell(response: SipResponse, flow: Flow): void {
    if (response.status >= 200) this.#context.outbound.delete(this.id);
    this.application.send(sipPayload(
      { source: 'network', flow, transactionId: this.id, dialogId: this.dialogId }, serialize(withAnswerableChallenge(response)),
    ));
  }

  /** A 2xx after the first: a retransmission gets its ACK again, another fork is hung up (§13.2.2.4). */
  #onFurtherSuccess(confirmed: ApplicationDialog, response: SipResponse, flow: Flow): void {
    if (tagOf(response.headers.get('to') ?? '') === confirmed.remoteTag) {
      this.#context.counters.add('absorbed.retransmission');
      this.#acceptance.repeat();
    } else {
      this.#unwanted.take(response, flow, this.#forks, undefined);
    }
  }

  #forget(): void {
    this.#context.outbound.delete(this.id);
    this.#forks?.clear();
  }
}
