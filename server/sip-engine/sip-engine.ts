import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { Scope } from '../base/scope.ts';
import { DialogStore } from './dialog/dialog-store.ts';
import { Counters, type SipEngineStats } from './guard/counters.ts';
import { Guard } from './guard/guard.ts';
import type { GuardOptions } from './guard/guard-options.ts';
import { DEFAULT_LIMITS, type SipLimits } from './guard/limits.ts';
import { applicationGone } from './protocol/application-gone.ts';
import { proxy } from './protocol/application-proxies.ts';
import { respond } from './protocol/application-responses.ts';
import type { ApplicationConnection } from './protocol/application-connection.ts';
import type { ApplicationFrame } from './protocol/application-frame.ts';
import { ApplicationServer } from './protocol/application-server.ts';
import type { EngineContext } from './protocol/engine-context.ts';
import type { ChooseTag } from './protocol/inbound/choose-tag.ts';
import { InboundRequests } from './protocol/inbound/inbound-requests.ts';
import { NetworkRequests } from './protocol/inbound/network-requests.ts';
import { CallRecords } from './protocol/call-records.ts';
import { sendRequest } from './protocol/outbound/send-request.ts';
import { comesByOurRoute } from './protocol/proxy/pass-in-dialog.ts';
import { RouteSigner } from './protocol/proxy/route-token.ts';
import { DEFAULT_TIMERS, type SipTimers } from './transaction/timers.ts';
import { TransactionLayer } from './transaction/transaction-layer.ts';
import type { SipListener } from './transport/flow.ts';
import type { SipResolver } from './transport/resolver.ts';
import type { OutboundTls, TlsIdentity } from './transport/tls-settings.ts';
import { TransportLayer } from './transport/transport-layer.ts';
import type { AllowOrigin } from './transport/websocket-upgrades.ts';

export type { SipEngineStats } from './guard/counters.ts';
export type { SipLimits } from './guard/limits.ts';
export type { ChooseTag, RequestFacts } from './protocol/inbound/choose-tag.ts';
export type { SipTimers } from './transaction/timers.ts';
export type { SipListener } from './transport/flow.ts';
export type { SipResolver } from './transport/resolver.ts';
export type { ListenerTls, OutboundTls } from './transport/tls-settings.ts';

/** What an engine is started with. */
export interface SipEngineOptions {
  readonly listeners: readonly SipListener[];
  /** Loopback listener for applications of other processes (drachtio protocol); 0 = ephemeral; absent = none. */
  readonly adminPort?: number;
  readonly secret: string;
  readonly limits?: Partial<SipLimits>;
  readonly timers?: Partial<SipTimers>;
  /** How connections with TLS are opened; default: certificates are checked as RFC 5922 says. */
  readonly outboundTls?: OutboundTls;
  /** Where names are looked up; default: hosts file and DNS of the machine. */
  readonly resolver?: SipResolver;
  /** Whether NAPTR records are asked for (RFC 3263 §4.1); default no. */
  readonly naptr?: boolean;
  /** Decides about WebSockets; default: pages of the host that is called may connect. */
  readonly allowOrigin?: AllowOrigin;
  /** Which applications may get a request outside a dialog, by their tags; default: any that asked for its method. */
  readonly chooseTag?: ChooseTag;
  /** What unknown sources may do; default: {@link DEFAULT_GUARD}, which trusts this machine only. */
  readonly guard?: Partial<GuardOptions>;
  /** Hears of faults that nobody else is told about. */
  readonly onFault?: (fault: { code: string; message: string; details?: Record<string, unknown> }) => void;
}

/**
 * A SIP server in the process: it owns transports, transactions and dialogs, and serves
 * drachtio-srf applications on a loopback socket in the place of drachtio-server.
 * @remarks RFC 3261 with 3263, 3581, 5626 §4.4, 5923, 6026 and 7118; the application protocol is drachtio-srf's
 *   `wire-protocol.js` and `drachtio-agent.js`.
 */
export class SipEngine {
  /** Where applications of other processes connect; 0 when they may not. */
  readonly adminPort: number;
  readonly bound: readonly SipListener[];
  readonly #context: EngineContext;
  #closing: Promise<void> | undefined;

  private constructor(context: EngineContext) {
    this.#context = context;
    this.adminPort = context.applications.port;
    this.bound = context.transport.bound;
  }

  /**
   * Opens every listener.
   * @throws AppError `sip.port-in-use` or `sip.listen-failed`, naming transport, host and port;
   *   nothing stays open then.
   */
  static async start(options: SipEngineOptions): Promise<SipEngine> {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const timers = { ...DEFAULT_TIMERS, ...options.timers };
    const counters = new Counters();
    const fault = (code: string, cause: unknown): void => {
      counters.add(`fault.${code}`);
      options.onFault?.({ code: `sip.${code}`, message: cause instanceof Error ? cause.message : String(cause) });
    };
    const guarded = (code: string, work: () => void): void => {
      try {
        work();
      } catch (cause) {
        fault(code, cause); // One message must not take the others down with it.
      }
    };

    const { outboundTls, resolver, naptr, allowOrigin } = options;
    const guard = new Guard({
      options: options.guard,
      counters,
      isInDialog: (essentials, request) => context.dialogs.findForRequest(essentials) !== undefined || comesByOurRoute(context, request, essentials),
    });
    const transport: TransportLayer = new TransportLayer({
      limits, counters,
      ...(outboundTls ? { outboundTls } : {}),
      ...(resolver ? { resolver } : {}),
      ...(naptr === undefined ? {} : { naptr }),
      ...(allowOrigin ? { allowOrigin } : {}),
      guarded: (work) => guarded('next-hop', work),
      events: {
        onMessage: (text, flow) => guarded('message', () => transactions.receive(text, guard.metered(flow))),
        onFlowClosed: (flow) => guarded('flow', () => transactions.flowClosed(flow)),
      },
    });
    const transactions: TransactionLayer = new TransactionLayer({
      timers, limits, counters, guard,
      user: {
        onRequest: (transaction) => network.onRequest(transaction),
        onAck: (request, essentials, flow) => network.onAck(request, essentials, flow),
        onCancel: (cancel, invite) => network.onCancel(cancel, invite),
      },
      udpFlow: (address, port) => {
        const flow = transport.flowTo({ transport: 'udp', address, port });
        return flow === undefined ? undefined : guard.metered(flow);
      },
      streamFlow: (flow, via) => transport.responseFlow(flow, via),
    });
    const opened = new Scope();
    let network: NetworkRequests;
    let context: EngineContext;
    const onSip = (application: ApplicationConnection, frame: Extract<ApplicationFrame, { verb: 'sip' | 'proxy' }>): void => {
      guarded('application-frame', () => {
        if (frame.verb === 'proxy') proxy(context, application, frame);
        else if (frame.message.kind === 'request') sendRequest(context, { application, frame, draft: frame.message });
        else respond(context, application, { id: frame.id, transactionId: frame.transactionId, message: frame.message });
      });
    };
    try {
      const applications = await ApplicationServer.open(options.adminPort, {
        limits, counters,
        secret: options.secret,
        endpoints: () => transport.bound.map((bound) => `${bound.transport}/${bound.host}:${bound.port}`),
        onSip,
        onClosed: (application) => guarded('application-closed', () => applicationGone(context, application)),
      });
      context = {
        timers, counters, transport, transactions, applications,
        chooseTag: options.chooseTag,
        dialogs: new DialogStore<ApplicationConnection>(),
        inbound: new InboundRequests(),
        outbound: new Map(),
        proxied: new Map(),
        records: new CallRecords(applications),
        signer: new RouteSigner(options.secret),
      };
      network = new NetworkRequests(context);
      opened.onClose(() => applications.close());
      opened.onClose(() => transport.close());
      for (const listener of options.listeners) await transport.listen(listener);
    } catch (cause) {
      await opened.close();
      throw cause;
    }
    return new SipEngine(context);
  }

  /**
   * Takes a WebSocket upgrade (RFC 7118), which `main.ts` mounts at `/sip` of its HTTP server.
   * Never throws: what is not right gets an HTTP error and is closed.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#context.transport.handleUpgrade(request, socket, head);
  }

  /**
   * Serves an application of this process: the drachtio protocol without the hop over loopback.
   * @param server - the server that the application listens with (`srf.listen({ server, secret })`); it
   *   needs no port, because the connection is handed to it.
   */
  attach(server: Server): void {
    this.#context.applications.attach(server);
  }

  /**
   * Presents another certificate from now on, on every TLS and WSS listener and to servers that ask for one;
   * connections that stand keep theirs.
   * @throws when the identity is none; then the listeners before it have it already.
   */
  renewCertificate(identity: TlsIdentity): void {
    this.#context.transport.renewCertificate(identity);
  }

  /** Counters since the start, and what is held now. */
  stats(): SipEngineStats {
    const { counters, transactions, dialogs, transport, applications } = this.#context;
    return {
      counters: counters.snapshot(),
      gauges: {
        transactions: transactions.size,
        dialogs: dialogs.size,
        connections: transport.connections,
        applications: applications.size,
      },
    };
  }

  /** Closes everything at once, without saying goodbye to peers; idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const { applications, dialogs, transactions, transport, inbound, outbound, proxied } = this.#context;
    inbound.clear();
    outbound.clear();
    for (const one of proxied.values()) one.close();
    proxied.clear();
    dialogs.clear();
    await applications.close();
    transactions.close();
    await transport.close();
    transactions.close(); // What ended with its connection may have left a last timer.
  }
}
