import { createServer as createHttpServer, type IncomingMessage, type Server as HttpServer, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, createServer as createTlsServer, Server as TlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { AppError } from '../../base/app-error.ts';
import type { Counters } from '../guard/counters.ts';
import type { SipLimits } from '../guard/limits.ts';
import type { ConnectionCount } from './connection-count.ts';
import type { SipListener } from './flow.ts';
import { plainAddress, type LocalAddressChooser } from './local-address.ts';
import { LocalEnd } from './local-end.ts';
import { contextOf, TLS_VERSIONS, type ListenerTls, type TlsIdentity } from './tls-settings.ts';

/** What a stream listener hands on, and what it needs. */
export interface StreamListenerContext {
  readonly limits: SipLimits;
  readonly counters: Counters;
  readonly count: ConnectionCount;
  readonly localAddress: LocalAddressChooser;
  /** A connection that speaks SIP at once: TCP, or TLS after its handshake. */
  readonly onConnection: (listener: StreamListener, socket: Socket) => void;
  readonly onUpgrade: (listener: StreamListener, request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** One listening TCP, TLS, WS or WSS socket; it counts connections from their first packet on. */
export class StreamListener {
  readonly end: LocalEnd;
  readonly #server: Server;
  /** Every connection that is open, also those in a handshake. */
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, end: LocalEnd) {
    this.#server = server;
    this.end = end;
  }

  /** Listens; rejects with the system's error, or with an AppError when TLS is not set up. */
  static async open(listener: SipListener, context: StreamListenerContext): Promise<StreamListener> {
    const server = makeServer(listener, context.limits);
    const isOverV6 = isIPv6(listener.host);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: listener.port, host: listener.host, ipv6Only: isOverV6 }, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : listener.port;
    const opened = new StreamListener(server, new LocalEnd({ ...listener, port }, context.localAddress));
    opened.#serve(context);
    return opened;
  }

  /**
   * Presents another certificate to those who connect from now on; connections that stand keep theirs, and so do
   * the identities of other names. Nothing happens without TLS.
   * @throws when the identity is none.
   */
  renewCertificate(identity: TlsIdentity): void {
    const { tls } = this.end.listener;
    if (tls !== undefined && this.#server instanceof TlsServer) this.#server.setSecureContext(contextOf({ ...tls, ...identity }));
  }

  /** Stops listening and ends every connection that came in here. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #serve(context: StreamListenerContext): void {
    const { transport } = this.end.listener;
    const { counters } = context;
    const server = this.#server;
    server.on('error', () => counters.add(`fault.${transport}-accept`));
    server.on('connection', (socket: Socket) => this.#admit(socket, context));
    switch (transport) {
      case 'tls':
        watchHandshakes(server, counters);
        server.on('secureConnection', (socket: TLSSocket) => context.onConnection(this, socket));
        break;
      case 'wss':
        watchHandshakes(server, counters);
        this.#serveHttp(context);
        break;
      case 'ws':
        this.#serveHttp(context);
        break;
      case 'tcp':
      case 'udp': // Has its own listener.
        break;
    }
  }

  #admit(socket: Socket, { count, counters, onConnection }: StreamListenerContext): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    if (address === '' || !count.take(socket, address)) {
      counters.add('refused.too-many-connections');
      socket.on('error', () => socket.destroy());
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.end.listener.transport === 'tcp') onConnection(this, socket);
  }

  #serveHttp({ counters, onUpgrade }: StreamListenerContext): void {
    this.#server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      counters.add('refused.no-upgrade');
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end();
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => onUpgrade(this, request, socket, head));
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
      counters.add(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'closed.slow-handshake' : 'refused.upgrade');
      socket.destroy();
    });
  }
}

const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

function makeServer(listener: SipListener, limits: SipLimits): Server {
  switch (listener.transport) {
    case 'tls':
      return withNames(createTlsServer({ ...SOCKET_OPTIONS, ...tlsOptions(listener, limits) }), listener.tls);
    case 'wss':
      return withNames(createHttpsServer({ ...httpOptions(limits), ...tlsOptions(listener, limits) }), listener.tls);
    case 'ws': {
      const server: HttpServer = createHttpServer(httpOptions(limits));
      return server;
    }
    case 'tcp':
    case 'udp':
      return createServer(SOCKET_OPTIONS);
  }
}

/** The whole upgrade request has to be there in time, and be small. */
const httpOptions = (limits: SipLimits): ServerOptions => ({
  ...SOCKET_OPTIONS,
  maxHeaderSize: limits.upgradeBytes,
  headersTimeout: limits.handshakeMs,
  requestTimeout: limits.handshakeMs,
  connectionsCheckingInterval: Math.max(10, Math.min(1_000, limits.handshakeMs / 4)),
});

function tlsOptions({ transport, host, port, tls }: SipListener, limits: SipLimits): TlsOptions {
  if (tls === undefined) {
    throw new AppError({
      code: 'sip.listen-failed', category: 'config', message: `SIP cannot listen on ${transport} ${host}:${port}: it has no certificate`,
      details: { transport, host, port },
    });
  }
  return {
    ...contextOf(tls),
    requestCert: (tls.clientCertificate ?? 'never') !== 'never',
    rejectUnauthorized: tls.clientCertificate === 'required',
    handshakeTimeout: limits.handshakeMs,
  };
}

/** A client that asks for another name of ours by SNI gets the certificate of that name. */
function withNames<T extends TlsServer>(server: T, tls: ListenerTls | undefined): T {
  const trusted = tls?.ca === undefined ? {} : { ca: tls.ca };
  for (const [name, identity] of Object.entries(tls?.serverNames ?? {})) {
    server.addContext(name, createSecureContext({ ...TLS_VERSIONS, ...trusted, ...identity }));
  }
  return server;
}

function watchHandshakes(server: Server, counters: Counters): void {
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    counters.add(error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'closed.slow-handshake' : 'refused.tls-handshake');
    socket.destroy();
  });
}
