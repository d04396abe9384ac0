import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Express } from 'express';
import { AppError } from '../base/app-error.ts';
import type { Milliseconds } from '../base/time.ts';
import { TLS_VERSIONS, type TlsIdentity } from '../base/tls-identity.ts';
import { createApp, type AppOptions } from './create-app.ts';
import { routeUpgrades, type UpgradeHandler } from './upgrade-router.ts';

/** What the HTTP edge is made of. */
export interface HttpServerOptions extends AppOptions {
  /** Address to listen on, for instance `0.0.0.0`. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** With one, everything is served with TLS, and nothing without: the microphone needs https, except on this machine. */
  readonly tls?: TlsIdentity;
  /** Who takes WebSocket upgrades, by path: `/ws` the desk hub, `/sip` the SIP engine. */
  readonly upgrades: ReadonlyMap<string, UpgradeHandler>;
}

/** The HTTP edge: pages, API, and the door to the WebSockets. */
export interface HttpServer {
  /**
   * @returns where it listens.
   * @throws AppError `http.port-in-use`, `http.port-forbidden` or `http.cannot-listen`.
   */
  listen(): Promise<AddressInfo>;
  /** Presents another certificate from now on; connections that stand keep theirs. Without TLS nothing happens. @throws when it is none. */
  renewCertificate(identity: TlsIdentity): void;
  /**
   * Takes no more connections, lets running requests end, and cuts what is left (upgraded
   * sockets too). Idempotent.
   * @param graceMs - longest wait, in milliseconds.
   */
  close(graceMs?: Milliseconds): Promise<void>;
}

/** Bounds against clients that open much and say little. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 20_000;
const DEFAULT_CLOSE_GRACE_MS = 2_000;

/** Makes the HTTP edge; it listens when told to. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { server, renewCertificate } = makeServer(createApp(options), options.tls);
  server.maxConnections = MAX_CONNECTIONS;
  const sockets = connectionsOf(server);
  routeUpgrades(server, options.upgrades, options.log);
  let closing: Promise<void> | undefined;

  const closeAll = async (graceMs: Milliseconds): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      // Its only error is "not running", which is what is wanted.
      server.close(() => resolve());
    });
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  };

  return {
    listen: () => listen(server, options),
    renewCertificate,
    close: (graceMs = DEFAULT_CLOSE_GRACE_MS) => {
      closing ??= closeAll(graceMs);
      return closing;
    },
  };
}

function makeServer(app: Express, identity: TlsIdentity | undefined): { readonly server: Server } & Pick<HttpServer, 'renewCertificate'> {
  const timeouts = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  if (identity === undefined) return { server: createServer(timeouts, app), renewCertificate: () => undefined };
  const server = createTlsServer({ ...timeouts, ...TLS_VERSIONS, ...identity, handshakeTimeout: HEADERS_TIMEOUT_MS }, app);
  return { server, renewCertificate: (renewed) => server.setSecureContext({ ...TLS_VERSIONS, ...renewed }) };
}

/** Every connection that is open: also upgraded ones and those in a handshake, which the server does not count as its own. */
function connectionsOf(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function listen(server: Server, { host, port, log }: HttpServerOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => reject(toListenError(cause, host, port));
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      server.on('error', (cause) => log.error({ err: cause }, 'HTTP server failed'));
      // A cast because only a server on a pipe has no such address.
      resolve(server.address() as AddressInfo);
    });
  });
}

function toListenError(cause: NodeJS.ErrnoException, host: string, port: number): AppError {
  const where = `${host}:${port}`;
  const [code, message] =
    cause.code === 'EADDRINUSE' ? ['http.port-in-use', `HTTP port ${where} is in use by another program`]
    : cause.code === 'EACCES' ? ['http.port-forbidden', `HTTP port ${where} needs rights that this user does not have`]
    : ['http.cannot-listen', `HTTP cannot listen on ${where} (${cause.code ?? 'unknown'})`];
  return new AppError({ code, category: 'config', message, details: { host, port }, cause });
}
