import type { Counters } from '../guard/counters.ts';
import type { Guard } from '../guard/guard.ts';
import type { SipLimits } from '../guard/limits.ts';
import { readEssentials, stampTopVia, type Essentials } from '../message/essentials.ts';
import type { Refusal } from '../message/examine-request.ts';
import { parseMessage, statusOf } from '../message/parse-message.ts';
import { respondTo } from '../message/respond.ts';
import { serialize, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../transport/flow.ts';
import { ClientTransaction, type ClientTransactionUser } from './client-transaction.ts';
import { inviteClientRules } from './invite-client-rules.ts';
import { inviteServerRules } from './invite-server-rules.ts';
import { nonInviteClientRules } from './non-invite-client-rules.ts';
import { nonInviteServerRules } from './non-invite-server-rules.ts';
import { ServerTransaction } from './server-transaction.ts';
import type { SipTimers } from './timers.ts';

/** RFC 3261 §8.1.1.7: a branch that begins so is unique by itself. */
export const MAGIC_COOKIE = 'z9hG4bK';

/** A Max-Forwards of nothing, however many digits it has. */
const NO_MORE_HOPS = /^0+$/;

/** The layer above: what comes out of the transactions. */
export interface TransactionUser {
  /** A new request, neither ACK nor CANCEL. */
  onRequest(transaction: ServerTransaction): void;
  /** An ACK that ends no failed INVITE: the one for a 2xx, or a stray. */
  onAck(request: SipRequest, essentials: Essentials, flow: Flow): void;
  /** A CANCEL, with the INVITE that it is about. */
  onCancel(cancel: ServerTransaction, invite: ServerTransaction | undefined): void;
}

/** What the transaction layer is made with. */
export interface TransactionLayerOptions {
  readonly timers: SipTimers;
  readonly limits: SipLimits;
  readonly counters: Counters;
  readonly user: TransactionUser;
  /** Finds the flow for a response that cannot use the one of its request: UDP without rport. */
  readonly udpFlow: (address: string, port: number) => Flow | undefined;
  /** Makes of a connection the flow of a response, which may have to be opened again; default: the connection. */
  readonly streamFlow?: (flow: Flow, via: Essentials['via']) => Flow;
  /** Decides what is worth a transaction; default: everything. */
  readonly guard?: RequestGuard;
}

/** The part of the guard that messages pass before transactions are looked for. */
export type RequestGuard = Pick<Guard, 'admitBytes' | 'admit' | 'admitMalformed' | 'answered'>;

/** The part of the transactions that new requests may take; the rest is for the calls that stand. */
const SHARE_OF_NEW_REQUESTS = 0.9;

/**
 * Matches messages to transactions, and drops, counted, what matches nothing.
 * @remarks RFC 3261 §17.1.3, §17.2.3 and §18. Keys are `branch sent-by method`; one Map look-up
 *   per message.
 */
export class TransactionLayer {
  readonly #options: TransactionLayerOptions;
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #clients = new Map<string, ClientTransaction>();
  /** The transactions on each connection, to end them with it. */
  readonly #onFlow = new Map<Flow, Set<ServerTransaction | ClientTransaction>>();
  readonly #rules: Record<'reliable' | 'unreliable', {
    inviteClient: ReturnType<typeof inviteClientRules>;
    inviteServer: ReturnType<typeof inviteServerRules>;
    nonInviteClient: ReturnType<typeof nonInviteClientRules>;
    nonInviteServer: ReturnType<typeof nonInviteServerRules>;
  }>;

  /** One for all: a closure of each transaction would keep what it was opened with. */
  readonly #forgetServer = (ended: ServerTransaction): void => {
    this.#servers.delete(ended.key);
    this.#leaveFlow(ended);
  };
  readonly #forgetClient = (ended: ClientTransaction): void => {
    this.#clients.delete(ended.key);
    this.#leaveFlow(ended);
  };

  constructor(options: TransactionLayerOptions) {
    this.#options = options;
    const rules = (reliable: boolean) => {
      const setting = { timers: options.timers, reliable };
      return {
        inviteClient: inviteClientRules(setting),
        inviteServer: inviteServerRules(setting),
        nonInviteClient: nonInviteClientRules(setting),
        nonInviteServer: nonInviteServerRules(setting),
      };
    };
    this.#rules = { reliable: rules(true), unreliable: rules(false) };
  }

  get size(): number {
    return this.#servers.size + this.#clients.size;
  }

  /** Takes one message from a transport. */
  receive(text: string, flow: Flow): void {
    const { counters, limits, guard } = this.#options;
    if (guard !== undefined && guard.admitBytes(text.length, flow) !== 'pass') return;
    const outcome = parseMessage(text, limits);
    if (outcome.kind === 'malformed') {
      counters.add(`malformed.${outcome.fault}`);
      if (outcome.partial?.kind === 'request') this.#refuse(outcome.partial, flow, { status: statusOf(outcome.fault), reason: `Bad Request - ${outcome.fault}` });
      return;
    }
    const { message } = outcome;
    const checked = readEssentials(message);
    if (checked.kind === 'bad') {
      counters.add(`malformed.${message.kind}`);
      if (message.kind === 'request') this.#refuse(message, flow, checked);
      return;
    }
    if (guard !== undefined && guard.admit(message, checked.essentials, flow) !== 'pass') return;
    if (message.kind === 'response') this.#receiveResponse(message, checked.essentials, flow);
    else this.#receiveRequest(message, checked.essentials, flow);
  }

  /**
   * Sends a request in a new client transaction.
   * @param request - complete, its topmost Via with `branch` from {@link branchOf}.
   */
  sendRequest(request: SipRequest, branch: string, flow: Flow, user: ClientTransactionUser): ClientTransaction {
    const rules = this.#rules[flow.reliable ? 'reliable' : 'unreliable'];
    const transaction = new ClientTransaction({
      key: clientKey(branch, request.method),
      request, flow, user,
      rules: request.method === 'INVITE' ? rules.inviteClient : rules.nonInviteClient,
      timers: this.#options.timers,
      onTerminated: this.#forgetClient,
    });
    this.#clients.set(transaction.key, transaction);
    this.#joinFlow(transaction);
    transaction.begin();
    return transaction;
  }

  /** Ends what waits on a connection that is gone. */
  flowClosed(flow: Flow): void {
    const waiting = this.#onFlow.get(flow);
    this.#onFlow.delete(flow);
    for (const transaction of waiting ?? []) transaction.transportFailed();
  }

  /** Forgets every transaction. */
  close(): void {
    for (const transaction of [...this.#servers.values(), ...this.#clients.values()]) transaction.end();
  }

  #receiveResponse(response: SipResponse, essentials: Essentials, flow: Flow): void {
    const transaction = this.#clients.get(clientKey(essentials.via.branch, essentials.cseq.method));
    if (transaction === undefined) {
      this.#options.counters.add('dropped.stray-response');
      return;
    }
    transaction.receive(response, flow);
  }

  #receiveRequest(request: SipRequest, essentials: Essentials, flow: Flow): void {
    const { counters, user } = this.#options;
    const { method } = request;
    const key = serverKey(request, essentials, method === 'ACK' ? 'INVITE' : method);
    const known = this.#servers.get(key);
    if (method === 'ACK') {
      if (known !== undefined && known.status >= 300) known.acknowledged();
      else user.onAck(request, essentials, flow);
      return;
    }
    if (known !== undefined) {
      counters.add('absorbed.retransmission');
      known.retransmitted();
      return;
    }
    stampTopVia(request.headers, essentials.via, { address: flow.remoteAddress, port: flow.remotePort });
    const { transactions } = this.#options.limits;
    if (this.size >= (essentials.toTag === undefined ? transactions * SHARE_OF_NEW_REQUESTS : transactions)) {
      counters.add('refused.overload');
      flow.send(serialize(respondTo(request, { status: 503, toTag: 'overload' })));
      return;
    }
    const transaction = this.#open(key, request, essentials, flow);
    if (method === 'CANCEL') {
      user.onCancel(transaction, this.#servers.get(serverKey(request, essentials, 'INVITE')));
    } else if (NO_MORE_HOPS.test(request.headers.get('max-forwards') ?? '')) {
      counters.add('refused.too-many-hops');
      transaction.respond(respondTo(request, { status: 483, toTag: 'hops' }));
    } else {
      user.onRequest(transaction);
    }
  }

  #open(key: string, request: SipRequest, essentials: Essentials, flow: Flow): ServerTransaction {
    const rules = this.#rules[flow.reliable ? 'reliable' : 'unreliable'];
    const { guard } = this.#options;
    const transaction = new ServerTransaction({
      key, request, essentials,
      ...(guard === undefined || essentials.toTag !== undefined ? {} : { onFinal: (response) => guard.answered(request, response, flow) }),
      flow: this.#responseFlow(essentials, flow),
      rules: request.method === 'INVITE' ? rules.inviteServer : rules.nonInviteServer,
      timers: this.#options.timers,
      onTerminated: this.#forgetServer,
    });
    this.#servers.set(key, transaction);
    this.#joinFlow(transaction);
    return transaction;
  }

  /** RFC 3261 §18.2.2: over the connection; over UDP to the sent-by port at the source address, unless rport was asked for. */
  #responseFlow({ via }: Essentials, flow: Flow): Flow {
    const port = via.port ?? 5060;
    if (flow.reliable) return this.#options.streamFlow?.(flow, via) ?? flow;
    if (via.hasRport || port === flow.remotePort) return flow;
    return this.#options.udpFlow(flow.remoteAddress, port) ?? flow;
  }

  /**
   * Answers a malformed request statelessly, when it says where to.
   * @remarks RFC 4475 §3.3.1: also without the other headers that a response repeats.
   */
  #refuse(request: SipRequest, flow: Flow, { status, reason }: Refusal): void {
    const { counters } = this.#options;
    if (request.method === 'ACK' || !request.headers.has('via')) {
      counters.add('dropped.malformed');
      return;
    }
    if (this.#options.guard !== undefined && this.#options.guard.admitMalformed(flow) !== 'pass') return;
    counters.add('refused.malformed');
    flow.send(serialize(respondTo(request, { status, reason, toTag: 'malformed' })));
  }

  #joinFlow(transaction: ServerTransaction | ClientTransaction): void {
    const { flow } = transaction;
    if (!flow.reliable) return;
    const waiting = this.#onFlow.get(flow);
    if (waiting === undefined) this.#onFlow.set(flow, new Set([transaction]));
    else waiting.add(transaction);
  }

  #leaveFlow(transaction: ServerTransaction | ClientTransaction): void {
    const waiting = this.#onFlow.get(transaction.flow);
    waiting?.delete(transaction);
    if (waiting?.size === 0) this.#onFlow.delete(transaction.flow);
  }
}

const clientKey = (branch: string, method: string): string => `${branch} ${method}`;

/**
 * The key of a server transaction.
 * @remarks RFC 3261 §17.2.3; requests of RFC 2543 peers, without the cookie, match by their other fields.
 */
function serverKey(request: SipRequest, { via, callId, cseq, fromTag }: Essentials, method: string): string {
  // A cookie with nothing behind it is no branch (RFC 4475 §3.2.1).
  if (via.branch.length > MAGIC_COOKIE.length && via.branch.startsWith(MAGIC_COOKIE)) return `${via.branch} ${via.host}:${via.port ?? 5060} ${method}`;
  return `2543 ${callId} ${cseq.number} ${fromTag} ${via.host}:${via.port ?? 5060} ${request.uri} ${method}`;
}

