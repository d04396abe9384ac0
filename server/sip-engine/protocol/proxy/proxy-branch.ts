import { respondTo } from '../../message/respond.ts';
import { randomToken } from '../../message/random-token.ts';
import type { SipResponse } from '../../message/sip-message.ts';
import type { ClientTransaction } from '../../transaction/client-transaction.ts';
import type { Flow } from '../../transport/flow.ts';
import type { Ways } from '../../transport/ways.ts';
import type { EngineContext } from '../engine-context.ts';
import { HeldCancel } from '../outbound/held-cancel.ts';
import { firstDeparture, sendAlong, type Departure, type Traveller } from '../outbound/send-along.ts';

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
  readonly departure: Departure;
  /** The addresses of the target, tried one after the other (RFC 3263 §4.3). */
  readonly ways: Ways;
  readonly provisionalTimeoutMs: number | undefined;
  readonly finalTimeoutMs: number | undefined;
  readonly events: BranchEvents;
}

/** The copy of a proxied request that goes to one target, and its clocks. */
export class ProxyBranch implements Traveller {
  transaction: ClientTransaction | undefined;
  isCancelled = false;
  readonly #context: EngineContext;
  readonly #options: BranchOptions;
  readonly #cancel: HeldCancel;
  #isOver = false;
  #hasRung = false;
  #silence: NodeJS.Timeout | undefined;
  #ringing: NodeJS.Timeout | undefined;

  constructor(context: EngineContext, options: BranchOptions) {
    this.#context = context;
    this.#options = options;
    this.#cancel = new HeldCancel(context);
  }

  begin(): void {
    const { departure, ways, provisionalTimeoutMs, finalTimeoutMs } = this.#options;
    if (provisionalTimeoutMs !== undefined) this.#silence = setTimeout(() => this.#giveUp(), provisionalTimeoutMs);
    if (finalTimeoutMs !== undefined) this.#ringing = setTimeout(() => this.#giveUp(), finalTimeoutMs);
    sendAlong(this.#context, firstDeparture(departure, ways), ways, this);
  }

  onResponse(response: SipResponse, flow: Flow): void {
    clearTimeout(this.#silence);
    const { events } = this.#options;
    if (response.status < 200) {
      this.#hasRung = true;
      this.#cancel.release(this.transaction);
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
    if (this.#hasRung) this.#wantCancel();
    this.#fail(408);
  }

  onTransportFailed(): void {
    this.#fail(503);
  }

  /** Cancels, at once or when the first provisional response comes (RFC 3261 §9.1, §16.10). */
  cancel(): void {
    this.isCancelled = true;
    this.close();
    if (this.transaction?.isPending === true) this.#wantCancel();
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
    const { departure: { request, flow }, events } = this.#options;
    events.onFailure(this, respondTo(request, { status, toTag: randomToken() }), this.transaction?.flow ?? flow, false);
  }

  #wantCancel(): void {
    const { transaction } = this;
    if (transaction?.request.method === 'INVITE') this.#cancel.want(transaction, []);
  }
}
