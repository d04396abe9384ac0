import { parseNameAddr, splitList } from '../../message/header-values.ts';
import { randomToken } from '../../message/random-token.ts';
import { respondTo } from '../../message/respond.ts';
import { followRoutes } from '../../message/route-set.ts';
import { parseSipUri } from '../../message/sip-uri.ts';
import type { SipResponse } from '../../message/sip-message.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { Flow } from '../../transport/flow.ts';
import { endOf, type CallRecords } from '../call-records.ts';
import { chooseFlow } from '../choose-flow.ts';
import { newBranch } from '../engine-requests.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Departure } from '../outbound/send-along.ts';
import { finalFailure } from './best-response.ts';
import { forwardedRequest, takeOwnRoutes, withoutTopVia, type RoutedRequest } from './forwarded-request.ts';
import { ProxyBranch, type BranchEvents } from './proxy-branch.ts';
import { MAX_TARGETS, type ProxyOrder } from './proxy-order.ts';

/** Hears how a proxied request fares; for the application that ordered it. */
export interface ProxyObserver {
  onResponse(response: SipResponse, flow: Flow): void;
  /** Once: with the caller's final response, or undefined when it gets none. */
  onDone(final: SipResponse | undefined): void;
}

/**
 * A stateful proxy's response context: one request of the network, and its copies to the targets.
 * @remarks RFC 3261 §16.6 to §16.10; RFC 4320 §4.3 for requests other than INVITE.
 */
export class ProxiedRequest implements BranchEvents {
  readonly transaction: ServerTransaction;
  readonly #context: EngineContext;
  readonly #order: ProxyOrder;
  readonly #observer: ProxyObserver;
  readonly #routed: RoutedRequest;
  readonly #waiting: string[];
  readonly #tried = new Set<string>();
  readonly #running = new Set<ProxyBranch>();
  readonly #failures: SipResponse[] = [];
  readonly #mark: string;
  /** Told of each branch of a new call; undefined for other requests. */
  readonly #records: CallRecords | undefined;
  #launching = 0;
  #isDone = false;
  #isCancelled = false;

  constructor(context: EngineContext, transaction: ServerTransaction, order: ProxyOrder, observer: ProxyObserver) {
    this.#context = context;
    this.transaction = transaction;
    this.#order = order;
    this.#observer = observer;
    this.#waiting = [...order.targets];
    const { request, essentials, flow } = transaction;
    const isHere = (text: string): boolean => {
      const uri = parseSipUri(text);
      return uri?.host === flow.localAddress && (uri.port ?? 5060) === flow.localPort;
    };
    this.#records = request.method === 'INVITE' && essentials.toTag === undefined ? context.records : undefined;
    this.#mark = context.signer.loopMark(request, essentials);
    this.#routed = takeOwnRoutes(request, (uri) => context.signer.isOwn(uri, essentials.callId), isHere);
  }

  /** Begins to forward. */
  begin(): void {
    const { transaction } = this;
    transaction.user = { onTimeout: () => this.cancel(), onTransportFailed: () => this.cancel() };
    this.#context.proxied.set(transaction, this);
    this.#advance();
  }

  /** The caller cancelled, is gone, or waited too long. */
  cancel(): void {
    if (this.#isDone) return;
    this.#isCancelled = true;
    this.#waiting.length = 0;
    for (const branch of this.#running) branch.cancel();
    this.#advance();
  }

  /** Stops every clock, when the engine closes. */
  close(): void {
    this.#isDone = true;
    for (const branch of this.#running) branch.close();
  }

  onProvisional(response: SipResponse, flow: Flow): void {
    if (this.#order.tellsResponses) this.#observer.onResponse(response, flow);
    const upstream = withoutTopVia(response);
    if (upstream !== undefined && this.transaction.method === 'INVITE' && !this.#isDone) this.transaction.respond(upstream);
  }

  onSuccess(branch: ProxyBranch, response: SipResponse, flow: Flow): void {
    if (this.#running.has(branch)) this.#records?.start('network', 'proxy-uac', response);
    this.#running.delete(branch);
    const upstream = withoutTopVia(response);
    if (upstream === undefined) return;
    if (this.#isDone) {
      // §16.7, item 5: each 2xx to an INVITE is the caller's business, however late.
      if (this.transaction.method === 'INVITE') this.transaction.passSuccess(upstream);
      return;
    }
    if (this.#order.tellsResponses) this.#observer.onResponse(response, flow);
    this.#waiting.length = 0;
    for (const other of this.#running) other.cancel();
    this.#finish(upstream);
  }

  onFailure(branch: ProxyBranch, response: SipResponse, flow: Flow, isReal: boolean): void {
    this.#running.delete(branch);
    this.#records?.stop('network', endOf(response.status), response);
    if (this.#isDone) return;
    if (isReal && this.#order.tellsResponses) this.#observer.onResponse(response, flow);
    if (response.status >= 600) {
      this.#waiting.length = 0;
      for (const other of this.#running) other.cancel();
    }
    const upstream = withoutTopVia(response);
    if (!this.#redirects(response) && upstream !== undefined) this.#failures.push(upstream);
    this.#advance();
  }

  /** §16.5 and §16.7, item 4: the contacts of a 3xx become targets, each URI only once. */
  #redirects(response: SipResponse): boolean {
    if (!this.#order.followRedirects || this.#isCancelled || response.status < 300 || response.status > 399) return false;
    const contacts = response.headers.all('contact').flatMap(splitList).flatMap((value) => parseNameAddr(value)?.uri ?? []);
    const fresh = contacts.filter((uri) => /^sips?:/i.test(uri) && !this.#tried.has(uri) && !this.#waiting.includes(uri));
    const room = Math.max(0, MAX_TARGETS - this.#tried.size - this.#waiting.length);
    this.#waiting.unshift(...fresh.slice(0, room));
    return fresh.length > 0 && room > 0;
  }

  /** Launches what may be launched; ends when nothing is left. */
  #advance(): void {
    while (this.#waiting.length > 0 && (this.#order.simultaneous || this.#running.size + this.#launching === 0)) {
      const target = this.#waiting.shift();
      if (target !== undefined && !this.#tried.has(target)) this.#launch(target);
    }
    if (this.#isDone || this.#running.size + this.#launching + this.#waiting.length > 0) return;
    this.#finish(finalFailure(this.transaction.request, this.#failures, this.#isCancelled));
  }

  #launch(target: string): void {
    this.#tried.add(target);
    this.#launching += 1;
    const { nextHop } = followRoutes(target, this.#routed.routes);
    chooseFlow(this.#context.transport, nextHop, undefined, (choice) => {
      this.#launching -= 1;
      if (choice.kind === 'none' || this.#isCancelled || this.#isDone) {
        if (choice.kind === 'none') this.#failures.push(respondTo(this.transaction.request, { status: 503, toTag: randomToken() }));
        queueMicrotask(() => this.#advance());
        return;
      }
      const departure = this.#departureTo(target, choice.flow);
      this.#records?.attempt('application', departure.request);
      const branch = new ProxyBranch(this.#context, {
        departure,
        ways: choice.ways, events: this,
        provisionalTimeoutMs: this.#order.provisionalTimeoutMs,
        finalTimeoutMs: this.transaction.method === 'INVITE' ? this.#order.finalTimeoutMs : undefined,
      });
      this.#running.add(branch);
      branch.begin();
    });
  }

  /** Over another flow the copy is written anew: its Via and its Record-Route name our end of that flow. */
  #departureTo(target: string, flow: Flow): Departure {
    const { essentials: { callId, toTag }, flow: cameOn } = this.transaction;
    const branch = `${newBranch()}.${this.#mark}`;
    // §16.6, item 4; RFC 3261 §12.1: only requests that begin a dialog need it, others keep the dialog's.
    const signer = this.#order.recordRoute && toTag === undefined ? this.#context.signer : undefined;
    const request = forwardedRequest(this.#routed, { target, flow, cameOn, branch, callId, extra: this.#order.headers, signer });
    return { request, branch, flow, over: (next) => this.#departureTo(target, next) };
  }

  #finish(final: SipResponse | undefined): void {
    this.#isDone = true;
    this.#context.proxied.delete(this.transaction);
    if (final === undefined) this.#context.counters.add('dropped.proxied-timeout');
    else this.transaction.respond(final);
    this.#observer.onDone(final);
  }
}
