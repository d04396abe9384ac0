import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { refuseUpgrade } from '../base/refuse-upgrade.ts';
import { Scope } from '../base/scope.ts';
import { DialogStore } from './dialog/dialog-store.ts';
import { Counters, type SipEngineStats } from './guard/counters.ts';
import { DEFAULT_LIMITS, type SipLimits } from './guard/limits.ts';
import { ApplicationRequests } from './protocol/application-requests.ts';
import { respond } from './protocol/application-responses.ts';
import type { ApplicationConnection } from './protocol/application-connection.ts';
import type { ApplicationFrame } from './protocol/application-frame.ts';
import { ApplicationServer } from './protocol/application-server.ts';
import type { EngineContext } from './protocol/engine-context.ts';
import { nokPayload } from './protocol/frames-out.ts';
import { InboundRequests } from './protocol/inbound-requests.ts';
import { NetworkRequests } from './protocol/network-requests.ts';
import { DEFAULT_TIMERS, type SipTimers } from './transaction/timers.ts';
import { TransactionLayer } from './transaction/transaction-layer.ts';
import type { SipListener } from './transport/flow.ts';
import { TransportLayer } from './transport/transport-layer.ts';

export type { SipEngineStats } from './guard/counters.ts';
export type { SipLimits } from './guard/limits.ts';
export type { SipTimers } from './transaction/timers.ts';
export type { SipListener } from './transport/flow.ts';

/** What an engine is started with. */
export interface SipEngineOptions {
  readonly listeners: readonly SipListener[];
  /** Loopback listener for applications (drachtio protocol); port 0 = ephemeral. */
  readonly adminPort: number;
  readonly secret: string;
  readonly limits?: Partial<SipLimits>;
  readonly timers?: Partial<SipTimers>;
  /** Asked with the Origin header of a WebSocket; default: every origin may connect. */
  readonly allowOrigin?: (origin: string | undefined) => boolean;
  /** Hears of faults that nobody else is told about. */
  readonly onFault?: (fault: { code: string; message: string; details?: Record<string, unknown> }) => void;
}

/**
 * A SIP server in the process: it owns transports, transactions and dialogs, and serves
 * drachtio-srf applications on a loopback socket in the place of drachtio-server.
 * @remarks RFC 3261 with 3581, 6026 and 7118; the application protocol is drachtio-srf's
 *   `wire-protocol.js` and `drachtio-agent.js`.
 */
export class SipEngine {
  readonly adminPort: number;
  readonly bound: readonly SipListener[];
  readonly #context: EngineContext;
  readonly #webSockets: WebSocketServer;
  readonly #allowOrigin: (origin: string | undefined) => boolean;
  #closing: Promise<void> | undefined;

  private constructor(context: EngineContext, limits: SipLimits, options: SipEngineOptions) {
    this.#context = context;
    this.adminPort = context.applications.port;
    this.bound = context.transport.bound;
    this.#allowOrigin = options.allowOrigin ?? (() => true);
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.messageBytes,
      autoPong: false, // Answered by the flow, which knows how much the peer has left unread.
      handleProtocols: () => 'sip',
    });
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

    const transport: TransportLayer = new TransportLayer({
      limits, counters,
      events: {
        onMessage: (text, flow) => guarded('message', () => transactions.receive(text, flow)),
        onFlowClosed: (flow) => guarded('flow', () => transactions.flowClosed(flow)),
      },
    });
    const transactions: TransactionLayer = new TransactionLayer({
      timers, limits, counters,
      user: {
        onRequest: (transaction) => network.onRequest(transaction),
        onAck: (request, essentials, flow) => network.onAck(request, essentials, flow),
        onCancel: (cancel, invite) => network.onCancel(cancel, invite),
      },
      udpFlow: (address, port) => transport.flowTo({ transport: 'udp', address, port }),
    });
    const opened = new Scope();
    let network: NetworkRequests;
    let requests: ApplicationRequests;
    let context: EngineContext;
    const onSip = (application: ApplicationConnection, frame: Extract<ApplicationFrame, { verb: 'sip' | 'proxy' }>): void => {
      guarded('application-frame', () => {
        if (frame.verb === 'proxy') application.send(nokPayload(frame.id, 'proxy is not supported by this server'));
        else if (frame.message.kind === 'request') requests.send(application, frame, frame.message);
        else respond(context, application, { id: frame.id, transactionId: frame.transactionId, message: frame.message });
      });
    };
    try {
      const applications = await ApplicationServer.listen(options.adminPort, {
        limits, counters,
        secret: options.secret,
        endpoints: () => transport.bound.map((bound) => `${bound.transport}/${bound.host}:${bound.port}`),
        onSip,
        onClosed: (application) => guarded('application-closed', () => network.applicationGone(application)),
      });
      context = {
        timers, counters, transport, transactions, applications,
        dialogs: new DialogStore<ApplicationConnection>(),
        inbound: new InboundRequests(),
        outbound: new Map(),
      };
      network = new NetworkRequests(context);
      requests = new ApplicationRequests(context);
      opened.onClose(() => applications.close());
      opened.onClose(() => transport.close());
      for (const listener of options.listeners) await transport.listen(listener);
    } catch (cause) {
      await opened.close();
      throw cause;
    }
    return new SipEngine(context, limits, options);
  }

  /**
   * Takes a WebSocket upgrade (RFC 7118), which `main.ts` mounts at `/sip` of its HTTP server.
   * Never throws: what is not right gets an HTTP error and is closed.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { transport, counters } = this.#context;
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim().toLowerCase());
    const refuse = (status: number, counter: string): void => {
      counters.add(`refused.${counter}`);
      socket.on('error', () => socket.destroy());
      refuseUpgrade(socket, status);
    };
    if (this.#closing !== undefined) return refuse(503, 'closing');
    if (!protocols.includes('sip')) return refuse(400, 'websocket-protocol');
    if (!this.#allowOrigin(request.headers.origin)) return refuse(403, 'websocket-origin');
    if (!(socket instanceof Socket) || transport.isFull(request.socket.remoteAddress ?? '')) {
      return refuse(503, 'too-many-connections');
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => transport.adoptWebSocket(webSocket, socket));
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
    const { applications, dialogs, transactions, transport, inbound, outbound } = this.#context;
    inbound.clear();
    outbound.clear();
    dialogs.clear();
    await applications.close();
    transactions.close();
    await transport.close();
    transactions.close(); // What ended with its connection may have left a last timer.
  }
}
