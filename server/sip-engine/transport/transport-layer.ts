import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { AppError } from '../../base/app-error.ts';
import { Scope } from '../../base/scope.ts';
import type { Counters } from '../guard/counters.ts';
import type { SipLimits } from '../guard/limits.ts';
import type { Flow, SipListener, Transport, TransportEvents } from './flow.ts';
import { LocalAddressChooser } from './local-address.ts';
import type { NextHop } from './next-hop.ts';
import { StreamFlow, type StreamCarrier } from './stream-flow.ts';
import { readTcp, tcpCarrier } from './tcp-carrier.ts';
import { UdpListener } from './udp-listener.ts';
import { readWebSocket, wsCarrier } from './ws-carrier.ts';

/** What the transport layer is made with. */
export interface TransportLayerOptions {
  readonly limits: SipLimits;
  readonly counters: Counters;
  readonly events: TransportEvents;
}

/**
 * Owns the sockets: listeners, connections, and the flows over them.
 * @remarks RFC 3261 §18, RFC 7118; connections are reused by the peer's address (RFC 5923 in spirit).
 */
export class TransportLayer {
  readonly #options: TransportLayerOptions;
  readonly #localAddress = new LocalAddressChooser();
  readonly #scope = new Scope();
  readonly #udp: UdpListener[] = [];
  readonly #tcp: { server: Server; bound: SipListener }[] = [];
  /** Live connections by `transport:address:port` of the peer. */
  readonly #flows = new Map<string, StreamFlow>();
  readonly #perAddress = new Map<string, number>();

  constructor(options: TransportLayerOptions) {
    this.#options = options;
  }

  get bound(): SipListener[] {
    return [...this.#udp.map((udp) => udp.bound), ...this.#tcp.map(({ bound }) => bound)];
  }

  get connections(): number {
    return this.#flows.size;
  }

  /**
   * Opens one listener.
   * @throws AppError `sip.port-in-use` or `sip.listen-failed`, naming transport, host and port.
   */
  async listen(listener: SipListener): Promise<void> {
    try {
      if (listener.transport === 'udp') {
        const udp = await UdpListener.open(listener, { ...this.#options, localAddress: this.#localAddress });
        this.#udp.push(udp);
        this.#scope.onClose(() => udp.close());
      } else {
        await this.#listenTcp(listener);
      }
    } catch (cause) {
      throw listenFault(listener, cause);
    }
  }

  /**
   * Finds or opens the flow to a next hop.
   * @returns undefined when there is no listener for its transport, or when only a browser could
   *   have opened the connection and it is gone.
   */
  flowTo(hop: NextHop): Flow | undefined {
    if (hop.transport === 'udp') {
      const udp = this.#udp.find(({ bound }) => isIPv6(bound.host) === isIPv6(hop.address));
      return udp?.flowTo(hop.address, hop.port);
    }
    const existing = this.#flows.get(flowKey(hop.transport, hop.address, hop.port));
    if (existing !== undefined) return existing;
    return hop.transport === 'tcp' && !hop.address.endsWith('.invalid') ? this.#connect(hop) : undefined;
  }

  /** A flow on which every send fails, for a peer whose connection is gone and cannot be opened from here. */
  deadFlow(hop: NextHop): Flow {
    return {
      transport: hop.transport,
      reliable: hop.transport !== 'udp',
      remoteAddress: hop.address,
      remotePort: hop.port,
      localAddress: this.#localAddress.choose('0.0.0.0', hop.address),
      localPort: this.bound[0]?.port ?? 5060,
      isOpen: false,
      send: (_text, onFailed) => {
        this.#options.counters.add('dropped.no-flow');
        if (onFailed !== undefined) queueMicrotask(onFailed);
      },
    };
  }

  /** Makes a flow of an upgraded WebSocket; the peer's address is the socket's. */
  adoptWebSocket(socket: WebSocket, raw: Socket): void {
    const flow = this.#addStream('ws', raw, wsCarrier(socket));
    if (flow === undefined) {
      socket.on('error', () => socket.terminate()); // What it still sends may be no frame at all.
      socket.close(1013, 'too many connections');
      return;
    }
    readWebSocket(socket, flow);
  }

  /** Whether one more connection from this address would be refused. */
  isFull(address: string): boolean {
    const { limits } = this.#options;
    return this.#flows.size >= limits.connections || (this.#perAddress.get(plain(address)) ?? 0) >= limits.connectionsPerAddress;
  }

  /** Closes every socket; pending sends are lost. */
  async close(): Promise<void> {
    const closing = this.#scope.close();
    for (const flow of [...this.#flows.values()]) flow.close();
    await closing;
  }

  async #listenTcp(listener: SipListener): Promise<void> {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) => {
      const flow = this.#addStream('tcp', socket, tcpCarrier(socket));
      if (flow === undefined) socket.destroy();
      else this.#read(socket, flow);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listener.port, listener.host, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
    server.on('error', () => this.#options.counters.add('fault.tcp-accept'));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : listener.port;
    this.#tcp.push({ server, bound: { ...listener, port } });
    this.#scope.onClose(() => new Promise<void>((resolve) => { server.close(() => resolve()); }));
  }

  #connect(hop: NextHop): Flow | undefined {
    if (this.isFull(hop.address)) {
      this.#options.counters.add('refused.too-many-connections');
      return undefined;
    }
    const socket = connect({ host: hop.address, port: hop.port, noDelay: true, keepAlive: true });
    const flow = this.#addStream('tcp', socket, tcpCarrier(socket), hop);
    if (flow !== undefined) this.#read(socket, flow);
    return flow;
  }

  #read(socket: Socket, flow: StreamFlow): void {
    readTcp(socket, flow, this.#options.limits, (fault) => this.#options.counters.add(`dropped.stream-${fault}`));
  }

  #addStream(transport: 'tcp' | 'ws', socket: Socket, carrier: StreamCarrier, hop?: NextHop): StreamFlow | undefined {
    const remoteAddress = plain(hop?.address ?? socket.remoteAddress ?? '');
    const remotePort = hop?.port ?? socket.remotePort ?? 0;
    if (remoteAddress === '' || this.isFull(remoteAddress)) {
      this.#options.counters.add('refused.too-many-connections');
      return undefined;
    }
    const key = flowKey(transport, remoteAddress, remotePort);
    const flow = new StreamFlow({
      ...this.#options,
      transport, carrier, remoteAddress, remotePort,
      ...this.#localEnd(transport, socket, remoteAddress),
      onGone: () => {
        if (this.#flows.get(key) === flow) this.#flows.delete(key);
        const left = (this.#perAddress.get(remoteAddress) ?? 1) - 1;
        if (left === 0) this.#perAddress.delete(remoteAddress);
        else this.#perAddress.set(remoteAddress, left);
      },
    });
    this.#flows.set(key, flow);
    this.#perAddress.set(remoteAddress, (this.#perAddress.get(remoteAddress) ?? 0) + 1);
    return flow;
  }

  /** Via and Contact name a listener that the peer can connect to, not the ephemeral port of one connection. */
  #localEnd(transport: 'tcp' | 'ws', socket: Socket, peer: string): { localAddress: string; localPort: number } {
    const local = { localAddress: plain(socket.localAddress ?? ''), localPort: socket.localPort ?? 0 };
    const listener = this.#tcp[0]?.bound;
    if (transport === 'ws' || listener === undefined) {
      return local.localAddress === '' ? { ...local, localAddress: this.#localAddress.choose('0.0.0.0', peer) } : local;
    }
    return { localAddress: this.#localAddress.choose(listener.host, peer), localPort: listener.port };
  }
}

const flowKey = (transport: Transport, address: string, port: number): string => `${transport}:${address}:${port}`;

/** IPv4 addresses that a dual-stack socket shows in IPv6 dress. */
const plain = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address);

function listenFault(listener: SipListener, cause: unknown): AppError {
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
