import { AppError } from '../../base/app-error.ts';
import type { Rules } from '../../base/machine.ts';
import type { Essentials } from '../message/essentials.ts';
import { respondTo } from '../message/respond.ts';
import { serialize, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../transport/flow.ts';
import type { InviteServerState, ServerEvent } from './invite-server-rules.ts';
import type { NonInviteServerState } from './non-invite-server-rules.ts';
import { lifetime, tryingDelay, type SipTimers, type TransactionCommand } from './timers.ts';
import { TransactionRunner } from './transaction-runner.ts';

/** What a server transaction tells its user. */
export interface ServerTransactionUser {
  /** No ACK for a non-2xx final response (timer H), or no answer of the user's own in time. */
  onTimeout(): void;
  /** The response cannot reach the client. */
  onTransportFailed(): void;
}

/** What a {@link ServerTransaction} is made with. */
export interface ServerTransactionOptions {
  readonly key: string;
  readonly request: SipRequest;
  readonly essentials: Essentials;
  /** Where responses go (RFC 3261 §18.2.2, RFC 3581 §4). */
  readonly flow: Flow;
  readonly rules: Rules<InviteServerState, ServerEvent, TransactionCommand> | Rules<NonInviteServerState, ServerEvent, TransactionCommand>;
  readonly timers: SipTimers;
  readonly onTerminated: (transaction: ServerTransaction) => void;
  /** Hears the final response when it is sent first. */
  readonly onFinal?: (response: SipResponse) => void;
}

/**
 * One request that we received and answer once.
 * @remarks It lives 32 seconds longer than its answer, and at 400 calls per second there are 25,000 such:
 *   of what came nothing is kept that retransmissions do not need.
 */
export class ServerTransaction {
  readonly key: string;
  readonly method: string;
  readonly flow: Flow;
  /** Set by whoever takes the request; until then nobody listens. */
  user: ServerTransactionUser | undefined;
  readonly #runner: TransactionRunner<InviteServerState | NonInviteServerState, ServerEvent>;
  /** Undefined once nobody asks for it any more. */
  #received: { readonly request: SipRequest; readonly essentials: Essentials } | undefined;
  #onFinal: ((response: SipResponse) => void) | undefined;
  #response = '';
  #status = 0;

  constructor(options: ServerTransactionOptions) {
    this.key = options.key;
    this.method = options.request.method;
    this.#received = { request: options.request, essentials: options.essentials };
    this.flow = options.flow;
    this.#onFinal = options.onFinal;
    const { onTerminated } = options; // By itself: the closure below outlives the request, which must not hang on it.
    const isInvite = this.method === 'INVITE';
    this.#runner = new TransactionRunner<InviteServerState | NonInviteServerState, ServerEvent>(
      // A cast because the table fits the initial state below, which TypeScript cannot see through the union.
      options.rules as Rules<InviteServerState | NonInviteServerState, ServerEvent, TransactionCommand>,
      isInvite ? { name: 'proceeding' } : { name: 'trying' },
      (command) => this.#carryOut(command),
      () => onTerminated(this),
    );
    this.#runner.start('timeout', isInvite ? options.timers.c : lifetime(options.timers));
    if (!isInvite) this.#runner.start('retransmit', tryingDelay(options.timers));
  }

  /** @throws AppError after {@link forgetRequest}. */
  get request(): SipRequest {
    return this.#whatCame().request;
  }

  /** @throws AppError after {@link forgetRequest}. */
  get essentials(): Essentials {
    return this.#whatCame().essentials;
  }

  /** The status of the latest response; 0 before the first. */
  get status(): number {
    return this.#status;
  }

  get hasFinalResponse(): boolean {
    return this.#status >= 200;
  }

  /** @returns false when a final response was sent before; nothing is sent then. */
  respond(response: SipResponse): boolean {
    const { status } = response;
    if (this.hasFinalResponse) return false;
    this.#response = serialize(response);
    this.#status = status;
    if (status >= 200) {
      this.#onFinal?.(response);
      this.#onFinal = undefined;
    }
    return this.#runner.post({ type: status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure' });
  }

  /** The latest response as it was sent; empty before the first, and when it will not be sent again. */
  get responseText(): string {
    return this.#response;
  }

  /** Sends the 2xx to an INVITE once more (RFC 3261 §13.3.1.4). */
  resendSuccess(): void {
    this.#runner.post({ type: 'success' });
  }

  /** Sends one more 2xx to an INVITE that has its final response: of another fork, for a proxy (RFC 6026 §7.1). */
  passSuccess(response: SipResponse): void {
    if (this.hasFinalResponse && response.status < 300) this.flow.send(serialize(response));
  }

  /** The request came again. */
  retransmitted(): void {
    this.#runner.post({ type: 'request' });
  }

  /** The ACK came: for a non-2xx by branch, for a 2xx through the dialog. */
  acknowledged(): void {
    this.#runner.post({ type: 'ack' });
    this.forgetRequest();
    this.#response = ''; // RFC 6026 §7.1: retransmissions of the INVITE are absorbed from now on.
  }

  /** The answer has been given, and all that hung on it is done. */
  forgetRequest(): void {
    this.#received = undefined;
    this.user = undefined;
  }

  transportFailed(): void {
    this.#runner.post({ type: 'transport-failed' });
  }

  /** Forgets the transaction at once. */
  end(): void {
    this.#runner.end();
  }

  #whatCame(): { readonly request: SipRequest; readonly essentials: Essentials } {
    if (this.#received === undefined) throw new AppError({ code: 'sip.request-forgotten', category: 'bug', message: `the ${this.method} of this transaction was forgotten` });
    return this.#received;
  }

  #carryOut(command: TransactionCommand): void {
    if (command.do === 'send-response' && this.#response !== '') {
      this.flow.send(this.#response, () => this.transportFailed());
    } else if (command.do === 'send-trying') {
      this.#response = serialize(respondTo(this.request, { status: 100 }));
      this.flow.send(this.#response, () => this.transportFailed());
    } else if (command.do === 'tell-timeout') {
      this.user?.onTimeout();
    } else if (command.do === 'tell-transport-failed') {
      this.user?.onTransportFailed();
    }
  }
}
