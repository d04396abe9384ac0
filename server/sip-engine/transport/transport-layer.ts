import type { IncomingMessage } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { WebSocket } from 'ws';
import { AppError } from '../../base/app-error.ts';
import { Scope } from '../../base/scope.ts';
import type { Counters } from '../guard/counters.ts';
import type { SipLimits } from '../guard/limits.ts';
import type { Via } from '../message/header-values.ts';
import { ConnectionCount } from './connection-count.ts';
import { Connections } from './connections.ts';
import type { Flow, SipListener, Transport, TransportEvents } from './flow.ts';
import { isWildcard, LocalAddressChooser, plainAddress } from './local-address.ts';
import { pickListener, type LocalPlace } from './local-end.ts';
import { findNextHops, type NextHop } from './next-hop.ts';
import { clientIdentity, openConnection } from './outbound-connection.ts';
import { CachedResolver, SystemResolver, type SipResolver } from './resolver.ts';
import { ResponseFlow } from './response-flow.ts';
import { SourceRate } from './source-rate.ts';
import { StreamListener } from './stream-listener.ts';
import { TargetHealth } from './target-health.ts';
import { readTcp, tcpCarrier } from './tcp-carrier.ts';
import { DEFAULT_OUTBOUND_TLS, type OutboundTls, type TlsIdentity } from './tls-settings.ts';
import { UdpListener } from './udp-listener.ts';
import { Ways, type FlowSource } from './ways.ts';
import { WebSocketUpgrades, type AllowOrigin } from './websocket-upgrades.ts';
import { readWebSocket, wsCarrier } from './ws-carrier.ts';

/** What the transport layer is made with. */
export interface TransportLayerOptions {
  readonly limits: SipLimits;
  readonly counters: Counters;
  readonly events: TransportEvents;
  /** How connections with TLS are opened; default: with strictly checked certificates. */
  readonly outboundTls?: OutboundTls;
  /** Where names are looked up; default: hosts file and DNS of the machine. */
  readonly resolver?: SipResolver;
  /** Whether NAPTR records are asked for; default no. */
  readonly naptr?: boolean;
  /** In [0, 1), for the weights of SRV records. */
  readonly random?: () => number;
  /** Decides about WebSockets; default: pages of the host that is called may connect. */
  readonly allowOrigin?: AllowOrigin;
  /** Runs what continues after a look-up, so that a fault in it is reported. */
  readonly guarded?: (work: () => void) => void;
}

/** The ways to a next hop, or the reason why there are none. */
export type WaysOutcome = { readonly kind: 'ways'; readonly ways: Ways } | { readonly kind: 'none'; readonly reason: string };

/**
 * Owns the sockets: listeners, connections, and the flows over them.
 * @remarks RFC 3261 §18, 3263, 5626 §4.4, 5923, 7118; connections are reused by the peer's address.
 */
export class TransportLayer implements FlowSource {
  readonly health = new TargetHealth();
  readonly #options: TransportLayerOptions;
  readonly #localAddress = new LocalAddressChooser();
  readonly #scope = new Scope();
  readonly #udp: UdpListener[] = [];
  readonly #streams: StreamListener[] = [];
  readonly #connections: Connections;
  readonly #count: ConnectionCount;
  readonly #upgrades: WebSocketUpgrades;
  readonly #resolver: CachedResolver;
  readonly #stunRate: SourceRate;
  #outboundTls: OutboundTls;
  #isClosing = false;

  constructor(options: TransportLayerOptions) {
    this.#options = options;
    this.#outboundTls = options.outboundTls ?? DEFAULT_OUTBOUND_TLS;
    this.#connections = new Connections(options);
    this.#count = new ConnectionCount(options.limits);
    this.#upgrades = new WebSocketUpgrades(options);
    this.#resolver = new CachedResolver(options.resolver ?? new SystemResolver());
    this.#stunRate = new SourceRate(options.limits.stunPerSecond);
  }

  /** The listeners with the ports that they got; without keys. */
  get bound(): SipListener[] {
    return this.#all.map(({ end: { listener: { tls: _secret, ...listener } } }) => listener);
  }

  get connections(): number {
    return this.#count.total;
  }

  /**
   * Opens one listener.
   * @throws AppError `sip.port-in-use` or `sip.listen-failed`, naming transport, host and port.
   */
  async listen(listener: SipListener): Promise<void> {
    try {
      if (listener.transport === 'udp') {
        const udp = await UdpListener.open(listener, { ...this.#options, localAddress: this.#localAddress, stunRate: this.#stunRate });
        this.#udp.push(udp);
        this.#scope.onClose(() => udp.close());
      } else {
        const stream = await StreamListener.open(listener, {
          ...this.#options,
          count: this.#count,
          localAddress: this.#localAddress,
          onConnection: (from, socket) => this.#accept(from, socket),
          onUpgrade: (from, request, socket, head) => this.#upgrade(request, socket, head, from),
        });
        this.#streams.push(stream);
        this.#scope.onClose(() => stream.close());
      }
    } catch (cause) {
      throw listenFault(listener, cause);
    }
  }

  /** Presents another certificate from now on, to clients and, where we had one for them, to servers. @throws when it is none. */
  renewCertificate(identity: TlsIdentity): void {
    for (const stream of this.#streams) stream.renewCertificate(identity);
    if (this.#outboundTls.identity !== undefined) this.#outboundTls = { ...this.#outboundTls, identity };
  }

  /** Whether a request can be sent over a transport to a family of addresses. */
  canReach(transport: Transport, family: 4 | 6): boolean {
    if (transport === 'ws' || transport === 'wss') return true;
    const has = (name: Transport): boolean => this.#all.some(({ end: { listener } }) => listener.transport === name && isIPv6(listener.host) === (family === 6));
    // Connections can be opened without a listener of the kind; the family must be one that we use.
    return has(transport) || (transport !== 'udp' && this.#all.some(({ end }) => isIPv6(end.listener.host) === (family === 6)));
  }

  /**
   * Finds the ways to the next hop that a URI names (RFC 3263).
   * @param then - called before this returns, unless a name has to be looked up.
   */
  findWays(nextHop: string, then: (outcome: WaysOutcome) => void): void {
    const setting = {
      resolver: this.#resolver,
      naptr: this.#options.naptr ?? false,
      canReach: (transport: Transport, family: 4 | 6) => this.canReach(transport, family),
      random: this.#options.random ?? Math.random,
    };
    let isLater = false;
    findNextHops(nextHop, setting, (outcome) => {
      const tell = (): void => then(outcome.kind === 'none' ? outcome : this.#waysTo(outcome.hops, outcome.mayChangeTransport));
      if (isLater && this.#options.guarded !== undefined) this.#options.guarded(tell);
      else tell();
    });
    isLater = true;
  }

  /**
   * Finds or opens the flow to a next hop.
   * @returns undefined when there is no listener for its transport, or when only a browser could
   *   have opened the connection and it is gone.
   */
  flowTo(hop: NextHop): Flow | undefined {
    if (hop.transport === 'udp') return pickListener(this.#udp, hop.address, this.#localAddress)?.flowTo(hop.address, hop.port);
    const existing = this.#connections.find(hop);
    if (existing !== undefined) return existing;
    const canOpen = (hop.transport === 'tcp' || hop.transport === 'tls') && !hop.address.endsWith('.invalid') && !this.#isClosing;
    return canOpen ? this.#connect({ ...hop, transport: hop.transport }) : undefined;
  }

  /** A flow on which every send fails, for a peer whose connection is gone and cannot be opened from here. */
  deadFlow(hop: NextHop): Flow {
    return {
      transport: hop.transport,
      reliable: hop.transport !== 'udp',
      remoteAddress: hop.address,
      remotePort: hop.port,
      localAddress: this.#localAddress.choose(isIPv6(hop.address) ? '::' : '0.0.0.0', hop.address),
      localPort: this.#all[0]?.end.listener.port ?? 5060,
      isOpen: false,
      send: (_text, onFailed) => {
        this.#options.counters.add('dropped.no-flow');
        if (onFailed !== undefined) queueMicrotask(onFailed);
      },
    };
  }

  /**
   * The flow for the responses to a request: its own, and a new connection when that is gone.
   * @remarks RFC 3261 §18.2.2: to the source address, at the port of the sent-by.
   */
  responseFlow(flow: Flow, via: Via): Flow {
    const { transport, remoteAddress } = flow;
    if (transport !== 'tcp' && transport !== 'tls') return flow;
    const hop = { transport, address: remoteAddress, port: via.port ?? (transport === 'tls' ? 5061 : 5060), domain: via.host };
    return new ResponseFlow(flow, () => {
      this.#options.counters.add('reopened.for-response');
      return this.flowTo(hop) ?? this.deadFlow(hop);
    });
  }

  /** Takes a WebSocket upgrade of an HTTP server that is not ours (RFC 7118). Never throws. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#upgrade(request, socket, head);
  }

  /** Whether one more connection from this address would be refused. */
  isFull(address: string): boolean {
    return this.#count.isFull(plainAddress(address));
  }

  /** Closes every socket; pending sends are lost. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const closing = this.#scope.close();
    this.#connections.close();
    await closing;
    await this.#count.drained();
  }

  get #all(): (UdpListener | StreamListener)[] {
    return [...this.#udp, ...this.#streams];
  }

  #waysTo(hops: readonly [NextHop, ...NextHop[]], mayChangeTransport: boolean): WaysOutcome {
    const [first, ...others] = hops.filter((hop) => !this.#isOurs(hop));
    if (first === undefined) return { kind: 'none', reason: 'can not send request to myself' };
    return { kind: 'ways', ways: Ways.to([first, ...others], this, mayChangeTransport) };
  }

  #isOurs({ transport, address, port }: NextHop): boolean {
    return this.#all.some(({ end }) => end.listener.transport === transport && end.isAt(address, port));
  }

  #accept({ end }: StreamListener, socket: Socket): void {
    const peer = plainAddress(socket.remoteAddress ?? '');
    const transport = socket instanceof TLSSocket ? 'tls' : 'tcp';
    const identity = socket instanceof TLSSocket ? clientIdentity(socket) : undefined;
    const flow = this.#connections.add({
      transport, socket,
      carrier: tcpCarrier(socket),
      local: end.facing(peer, plainAddress(socket.localAddress ?? '')),
      ...(identity === undefined ? {} : { speaksFor: identity }),
    });
    this.#read(socket, flow);
  }

  /** @param from - our own listener; absent when another HTTP server hands the socket over, which is not counted yet. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, from?: StreamListener): void {
    const address = plainAddress(request.socket.remoteAddress ?? '');
    const isTooMany = from === undefined && this.#count.isFull(address);
    this.#upgrades.take(request, socket, head, {
      refusal: this.#isClosing ? 'closing' : isTooMany ? 'too-many-connections' : undefined,
      onOpen: (webSocket, raw) => {
        // Without an address the peer is gone already, as far as the system knows.
        if (address === '' || (from === undefined && !this.#count.take(raw, address))) {
          this.#options.counters.add('refused.too-many-connections');
          webSocket.on('error', () => webSocket.terminate()); // What it still sends may be no frame at all.
          webSocket.close(1013, 'too many connections');
          return;
        }
        this.#adopt(webSocket, raw, from);
      },
    });
  }

  #adopt(webSocket: WebSocket, raw: Socket, from: StreamListener | undefined): void {
    const reached = plainAddress(raw.localAddress ?? '');
    const peer = plainAddress(raw.remoteAddress ?? '');
    const flow = this.#connections.add({
      transport: raw instanceof TLSSocket ? 'wss' : 'ws',
      socket: raw,
      carrier: wsCarrier(webSocket),
      local: from?.end.facing(peer, reached) ?? { localAddress: reached, localPort: raw.localPort ?? 0 },
    });
    readWebSocket(webSocket, raw, flow, this.#options);
  }

  #connect(hop: NextHop & { readonly transport: 'tcp' | 'tls' }): Flow | undefined {
    const { counters, limits } = this.#options;
    const outboundTls = this.#outboundTls;
    if (this.#count.isFull(hop.address)) {
      counters.add('refused.too-many-connections');
      return undefined;
    }
    const listener = pickListener(this.#streams.filter(({ end }) => end.listener.transport === hop.transport), hop.address, this.#localAddress);
    const from = listener?.end.listener.host;
    const isReachableFrom = from !== undefined && !isWildcard(from) && this.#localAddress.isNear(from, hop.address);
    const opening = openConnection(hop, outboundTls, isReachableFrom ? from : undefined);
    const { socket, carrier } = opening;
    this.#count.take(socket, hop.address);
    let isUp = false;
    const slow = setTimeout(() => {
      counters.add('closed.slow-connect');
      flow.close();
    }, limits.connectMs);
    const flow = this.#connections.add({
      transport: hop.transport, socket, carrier, hop,
      local: this.#localPlace(listener, hop),
      ...(opening.speaksFor === undefined ? {} : { speaksFor: (domain: string) => isUp && opening.speaksFor?.(domain) === true }),
      ...(hop.transport === 'tls' && outboundTls.identity !== undefined ? { viaParams: ';alias' } : {}),
      onGone: () => {
        clearTimeout(slow);
        if (!isUp) this.health.markFailed(hop);
      },
    });
    socket.once(opening.readyEvent, () => {
      isUp = true;
      clearTimeout(slow);
      flow.keepAlive();
      opening.ready();
    });
    socket.on('error', () => { if (!isUp) counters.add(`fault.${hop.transport}-connect`); });
    this.#read(socket, flow);
    return flow;
  }

  /** Via and Contact name a listener that the peer can connect to, not the ephemeral port of one connection. */
  #localPlace(listener: StreamListener | undefined, hop: NextHop): LocalPlace {
    if (listener !== undefined) return listener.end.facing(hop.address);
    const { localAddress, localPort } = this.deadFlow(hop);
    return { localAddress, localPort };
  }

  #read(socket: Socket, flow: Parameters<typeof readTcp>[1]): void {
    readTcp(socket, flow, this.#options.limits, (fault) => this.#options.counters.add(`dropped.stream-${fault}`));
  }
}

function listenFault(listener: SipListener, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const where = `${listener.transport} ${listener.host}:${listener.port}`;
  const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
  return new AppError({
    code: inUse ? 'sip.port-in-use' : 'sip.listen-failed',
    category: 'config',
    message: inUse ? `SIP cannot listen on ${where}: the port is in use` : `SIP cannot listen on ${where}: ${cause instanceof Error ? cause.message : String(cause)}`,
    details: { transport: listener.transport, host: listener.host, port: listener.port },
    cause,
  });
}
