import type { Rules } from '../../base/machine.ts';
import { Headers, serialize, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../transport/flow.ts';
import type { ClientEvent, InviteClientState } from './invite-client-rules.ts';
import type { NonInviteClientState } from './non-invite-client-rules.ts';
import { lifetime, type SipTimers, type TransactionCommand } from './timers.ts';
import { TransactionRunner } from './transaction-runner.ts';

/** What a client transaction tells its user. */
export interface ClientTransactionUser {
  /** Every response that is not a retransmission; for INVITE also each further 2xx. */
  onResponse(response: SipResponse, flow: Flow): void;
  /** No final response in time (timers B and F): to be treated as 408 (RFC 3261 §8.1.3.1). */
  onTimeout(): void;
  /** The request could not be sent: to be treated as 503. */
  onTransportFailed(): void;
}

/** What a {@link ClientTransaction} is made with. */
export interface ClientTransactionOptions {
  readonly key: string;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly rules: Rules<InviteClientState, ClientEvent, TransactionCommand> | Rules<NonInviteClientState, ClientEvent, TransactionCommand>;
  readonly timers: SipTimers;
  readonly user: ClientTransactionUser;
  readonly onTerminated: (transaction: ClientTransaction) => void;
}

/** One request that we sent and wait on. */
export class ClientTransaction {
  readonly key: string;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #user: ClientTransactionUser;
  readonly #runner: TransactionRunner<InviteClientState | NonInviteClientState, ClientEvent>;
  readonly #text: string;
  /** The response that the running event is about. */
  #response: { message: SipResponse; flow: Flow } | undefined;

  constructor(options: ClientTransactionOptions) {
    this.key = options.key;
    this.request = options.request;
    this.flow = options.flow;
    this.#user = options.user;
    this.#text = serialize(options.request);
    const { t1 } = options.timers;
    this.#runner = new TransactionRunner<InviteClientState | NonInviteClientState, ClientEvent>(
      // A cast because the table fits the initial state below, which TypeScript cannot see through the union.
      options.rules as Rules<InviteClientState | NonInviteClientState, ClientEvent, TransactionCommand>,
      options.request.method === 'INVITE' ? { name: 'calling', ms: t1 } : { name: 'trying', ms: t1 },
      (command) => this.#carryOut(command),
      () => options.onTerminated(this),
    );
    this.#runner.start('timeout', lifetime(options.timers));
    if (!options.flow.reliable) this.#runner.start('retransmit', t1);
  }

  /** Whether no response at all came yet: a CANCEL has to wait then (RFC 3261 §9.1). */
  get isSilent(): boolean {
    return this.#runner.state.name === 'calling' || this.#runner.state.name === 'trying';
  }

  /** Whether no final response came yet. */
  get isPending(): boolean {
    return this.isSilent || this.#runner.state.name === 'proceeding';
  }

  /** Sends the request for the first time. */
  begin(): void {
    this.#sendRequest();
  }

  /** Takes a response that matched by branch and method. */
  receive(message: SipResponse, flow: Flow): void {
    this.#response = { message, flow };
    this.#runner.post({ type: message.status < 200 ? 'provisional' : message.status < 300 ? 'success' : 'failure' });
    this.#response = undefined;
  }

  /** A cancelled INVITE gets no more than 64·T1 to be answered (RFC 3261 §9.1). */
  expireIn(ms: number): void {
    if (this.isPending) this.#runner.start('timeout', ms);
  }

  transportFailed(): void {
    this.#runner.post({ type: 'transport-failed' });
  }

  /** Forgets the transaction at once. */
  end(): void {
    this.#runner.end();
  }

  #carryOut(command: TransactionCommand): void {
    switch (command.do) {
      case 'send-request':
        this.#sendRequest();
        break;
      case 'send-ack':
        if (this.#response !== undefined) this.flow.send(serialize(ackForFailure(this.request, this.#response.message)));
        break;
      case 'tell-response':
        if (this.#response !== undefined) this.#user.onResponse(this.#response.message, this.#response.flow);
        break;
      case 'tell-timeout':
        this.#user.onTimeout();
        break;
      case 'tell-transport-failed':
        this.#user.onTransportFailed();
        break;
      case 'send-response':
      case 'send-trying':
      case 'start':
      case 'stop':
        break;
    }
  }

  #sendRequest(): void {
    this.flow.send(this.#text, () => this.transportFailed());
  }
}

/**
 * Makes the ACK that ends a failed INVITE transaction.
 * @remarks RFC 3261 §17.1.1.3: same branch and Request-URI, To of the response, Route of the request.
 */
export function ackForFailure(invite: SipRequest, response: SipResponse): SipRequest {
  const headers = new Headers();
  const via = invite.headers.get('via');
  if (via !== undefined) headers.add('Via', via);
  for (const { name, value } of invite.headers.list) {
    if (name.key === 'route' || name.key === 'from' || name.key === 'call-id' || name.key === 'max-forwards') headers.add(name.label, value);
    else if (name.key === 'cseq') headers.add('CSeq', `${parseInt(value, 10)} ACK`);
    else if (name.key === 'to') headers.add('To', response.headers.get('to') ?? value);
  }
  return { kind: 'request', method: 'ACK', uri: invite.uri, headers, body: '' };
}
