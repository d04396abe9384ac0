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

/** One request that we received and answer once. */
export class ServerTransaction {
  readonly key: string;
  readonly request: SipRequest;
  readonly essentials: Essentials;
  readonly flow: Flow;
  /** Set by whoever takes the request; until then nobody listens. */
  user: ServerTransactionUser | undefined;
  readonly #runner: TransactionRunner<InviteServerState | NonInviteServerState, ServerEvent>;
  readonly #onFinal: ((response: SipResponse) => void) | undefined;
  #response = '';
  #status = 0;

  constructor(options: ServerTransactionOptions) {
    this.key = options.key;
    this.request = options.request;
    this.essentials = options.essentials;
    this.flow = options.flow;
    this.#onFinal = options.onFinal;
    const isInvite = options.request.method === 'INVITE';
    this.#runner = new TransactionRunner<InviteServerState | NonInviteServerState, ServerEvent>(
      // A cast because the table fits the initial state below, which TypeScript cannot see through the union.
      options.rules as Rules<InviteServerState | NonInviteServerState, ServerEvent, TransactionCommand>,
      isInvite ? { name: 'proceeding' } : { name: 'trying' },
      (command) => this.#carryOut(command),
      () => options.onTerminated(this),
    );
    this.#runner.start('timeout', isInvite ? options.timers.c : lifetime(options.timers));
    if (!isInvite) this.#runner.start('retransmit', tryingDelay(options.timers));
  }

  get method(): string {
    return this.request.method;
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
    if (status >= 200) this.#onFinal?.(response);
    return this.#runner.post({ type: status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure' });
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
  }

  transportFailed(): void {
    this.#runner.post({ type: 'transport-failed' });
  }

  /** Forgets the transaction at once. */
  end(): void {
    this.#runner.end();
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
