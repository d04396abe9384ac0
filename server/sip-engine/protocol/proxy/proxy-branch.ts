import { respondTo } from '../../message/respond.ts';
import { randomToken } from '../../message/random-token.ts';
import type { SipRequest, SipResponse } from '../../message/sip-message.ts';
import type { ClientTransaction, ClientTransactionUser } from '../../transaction/client-transaction.ts';
import type { Flow } from '../../transport/flow.ts';
import { sendCancel } from '../outbound/cancel-request.ts';
import type { EngineContext } from '../engine-context.ts';

/** What a branch tells the request that it belongs to. */
export interface BranchEvents {
  onProvisional(response: SipResponse, flow: Flow): void;
  /** Every 2xx, also after another final response. */
  onSuccess(branch: ProxyBranch, response: SipResponse, flow: Flow): void;
  /** Once: the final response, or what stands for it; `isReal` when the target sent it. */
  onFailure(branch: ProxyBranch, response: SipResponse, flow: Flow, isReal: boolean): void;
}

/** What a {@link ProxyBranch} is made with. */
export interface BranchOptions {
  readonly request: SipRequest;
  readonly branch: string;
  readonly flow: Flow;
  readonly provisionalTimeoutMs: number | undefined;
  readonly finalTimeoutMs: number | undefined;
  readonly events: BranchEvents;
}

/** One forwarded copy of a proxied request, and its clocks. */
export class ProxyBranch implements ClientTransactionUser {
  readonly #context: EngineContext;
  readonly #options: BranchOptions;
  #transaction: ClientTransaction | undefined;
  #isOver = false;
  #isCancelled = false;
  #hasRung = false;
  #cancelIsSent = false;
  #silence: NodeJS.Timeout | undefined;
  #ringing: NodeJS.Timeout | undefined;

  constructor(context: EngineContext, options: BranchOptions) {
    this.#context = context;
    this.#options = options;
  }

  begin(): void {
    const { request, branch, flow, provisionalTimeoutMs, finalTimeoutMs } = this.#options;
    if (provisionalTimeoutMs !== undefined) this.#silence = setTimeout(() => this.#giveUp(), provisionalTimeoutMs);
    if (finalTimeoutMs !== undefined) this.#ringing = setTimeout(() => this.#giveUp(), finalTimeoutMs);
    this.#transaction = this.#context.transactions.sendRequest(request, branch, flow, this);
  }

  onResponse(response: SipResponse, flow: Flow): void {
    clearTimeout(this.#silence);
    const { events } = this.#options;
    if (response.status < 200) {
      this.#hasRung = true;
      if (this.#isCancelled) this.#sendCancel();
      if (response.status > 100 && !this.#isOver) events.onProvisional(response, flow);
    } else if (response.status < 300) {
      this.#end();
      events.onSuccess(this, response, flow);
    } else if (!this.#isOver) {
      this.#end();
      events.onFailure(this, response, flow, true);
    }
  }

  onTimeout(): void {
    // Timer C after a ringing (RFC 3261 §16.8): the target is told that nobody waits any more.
    if (this.#hasRung) this.#sendCancel();
    this.#fail(408);
  }

  onTransportFailed(): void {
    this.#fail(503);
  }

  /** Cancels, at once or when the first provisional response comes (RFC 3261 §9.1, §16.10). */
  cancel(): void {
    this.#isCancelled = true;
    this.close();
    if (this.#transaction?.isPending === true && !this.#transaction.isSilent) this.#sendCancel();
  }

  /** Stops the clocks; the transaction ends by itself. */
  close(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#ringing);
  }

  #end(): void {
    this.#isOver = true;
    this.close();
  }

  /** The application's patience is over. */
  #giveUp(): void {
    this.cancel();
    this.#fail(408);
  }

  #fail(status: number): void {
    if (this.#isOver) return;
    this.#end();
    const { request, flow, events } = this.#options;
    events.onFailure(this, respondTo(request, { status, toTag: randomToken() }), flow, false);
  }

  #sendCancel(): void {
    const transaction = this.#transaction;
    if (transaction === undefined || this.#cancelIsSent || this.#options.request.method !== 'INVITE') return;
    this.#cancelIsSent = true;
    sendCancel(this.#context, transaction, []);
  }
}
