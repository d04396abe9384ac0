import { contactFor, localHostPort, viaFor } from '../../message/local-identity.ts';
import { Headers, type SipRequest, type SipResponse } from '../../message/sip-message.ts';
import type { ClientTransaction, ClientTransactionUser } from '../../transaction/client-transaction.ts';
import type { Flow } from '../../transport/flow.ts';
import type { Ways } from '../../transport/ways.ts';
import { newBranch } from '../engine-requests.ts';
import type { EngineContext } from '../engine-context.ts';

/** Who sends a request, and hears of the outcome of the last way that was tried. */
export interface Traveller extends ClientTransactionUser {
  /** The transaction of the current way. */
  transaction: ClientTransaction | undefined;
  /** Nobody wants an answer any more: no further way is tried. */
  readonly isCancelled: boolean;
}

/** A request as it leaves over one flow. */
export interface Departure {
  readonly request: SipRequest;
  readonly branch: string;
  readonly flow: Flow;
  /** The same over another flow, with a branch of its own. */
  over(flow: Flow): Departure;
}

/** How a request of an application leaves: another flow changes its Via, and its Contact when that is ours. */
export const departureOf = (request: SipRequest, branch: string, flow: Flow): Departure => ({
  request, branch, flow,
  over: (next) => {
    const branchOfNext = newBranch();
    return departureOf(overFlow(request, flow, next, branchOfNext), branchOfNext, next);
  },
});

/**
 * The first way of a request: over TCP when it is too large for UDP.
 * @param departure - complete, for the flow of `ways`.
 * @remarks RFC 3261 §18.1.1.
 */
export function firstDeparture(departure: Departure, ways: Ways): Departure {
  const flow = ways.forSize(lengthOf(departure.request));
  return flow === departure.flow ? departure : departure.over(flow);
}

/**
 * Sends a request, and sends it again along the next way when one fails: no connection, 503, or
 * no response at all.
 * @remarks RFC 3263 §4.3: each try is a new transaction with a branch of its own.
 */
export function sendAlong(context: Pick<EngineContext, 'transactions' | 'counters'>, departure: Departure, ways: Ways, traveller: Traveller): void {
  new Journey(context, departure, ways, traveller).begin();
}

class Journey implements ClientTransactionUser {
  readonly #context: Pick<EngineContext, 'transactions' | 'counters'>;
  readonly #ways: Ways;
  readonly #traveller: Traveller;
  #departure: Departure;
  #isHeard = false;
  #hasProgress = false;

  constructor(context: Pick<EngineContext, 'transactions' | 'counters'>, departure: Departure, ways: Ways, traveller: Traveller) {
    this.#context = context;
    this.#departure = departure;
    this.#ways = ways;
    this.#traveller = traveller;
  }

  begin(): void {
    const { request, branch, flow } = this.#departure;
    this.#isHeard = false;
    this.#traveller.transaction = this.#context.transactions.sendRequest(request, branch, flow, this);
  }

  onResponse(response: SipResponse, flow: Flow): void {
    const isRefusal = response.status === 503;
    if (isRefusal && this.#goOn()) return;
    if (!isRefusal && !this.#isHeard) this.#ways.worked();
    this.#isHeard = true;
    if (response.status > 100) this.#hasProgress = true;
    this.#traveller.onResponse(response, flow);
  }

  onTimeout(): void {
    if (this.#isHeard || !this.#goOn()) this.#traveller.onTimeout();
  }

  onTransportFailed(): void {
    if (!this.#goOn()) this.#traveller.onTransportFailed();
  }

  /** Takes the next way, unless the called party rings already or nobody waits any more. */
  #goOn(): boolean {
    if (this.#hasProgress || this.#traveller.isCancelled) return false;
    const flow = this.#ways.next();
    if (flow === undefined) return false;
    this.#context.counters.add('retried.next-target');
    this.#departure = this.#departure.over(flow);
    this.begin();
    return true;
  }
}

/** The same request with the Via, and the Contact when it is ours, of another flow. */
function overFlow(request: SipRequest, before: Flow, flow: Flow, branch: string): SipRequest {
  const headers = new Headers([...request.headers.list]);
  const via = headers.list.findIndex(({ name }) => name.key === 'via');
  const old = headers.list[via];
  if (old !== undefined) headers.list[via] = { name: old.name, value: viaFor(flow, branch) };
  const isElsewhere = localHostPort(before) !== localHostPort(flow) || before.transport !== flow.transport;
  const at = isElsewhere ? headers.list.findIndex(({ name }) => name.key === 'contact') : -1;
  const contact = headers.list[at];
  if (contact !== undefined) headers.list[at] = { name: contact.name, value: contactOver(contact.value, before, flow) };
  return { ...request, headers };
}

function contactOver(value: string, before: Flow, flow: Flow): string {
  if (value === contactFor(before)) return contactFor(flow);
  const [ours, next] = [contactFor(before), contactFor(flow)].map((one) => one.slice('<sip:'.length, -1));
  if (ours === undefined || next === undefined) return value;
  // Only our own address, with or without a user; an application's Contact elsewhere is its own affair.
  const at = value.indexOf(`${ours}>`);
  return at > 0 && /[@:]/.test(value.charAt(at - 1)) ? `${value.slice(0, at)}${next}${value.slice(at + ours.length)}` : value;
}

/** The bytes of a request on the wire, within some tens: enough to choose a transport. */
function lengthOf({ method, uri, headers, body }: SipRequest): number {
  let bytes = method.length + uri.length + body.length + 40;
  for (const { name, value } of headers.list) bytes += name.label.length + value.length + 4;
  return bytes;
}
