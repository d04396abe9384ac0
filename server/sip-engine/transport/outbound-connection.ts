import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type ConnectionOptions, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls';
import { speaksFor } from './peer-identity.ts';
import type { NextHop } from './next-hop.ts';
import type { StreamCarrier } from './stream-flow.ts';
import { tcpCarrier } from './tcp-carrier.ts';
import { TLS_VERSIONS, type OutboundTls } from './tls-settings.ts';

/** A connection on its way. */
export interface Opening {
  readonly socket: Socket;
  /** Keeps what is written until the connection is there, and its peer is who it should be. */
  readonly carrier: StreamCarrier;
  /** Sends what was kept. */
  ready(): void;
  /** The event of `socket` that says so. */
  readonly readyEvent: 'connect' | 'secureConnect';
  /** Whether the peer has proved to speak for a domain; asked only after `ready`. */
  readonly speaksFor?: (domain: string) => boolean;
}

/**
 * Opens a TCP connection, or one with TLS.
 * @param localAddress - the address to come from; absent: as the kernel chooses.
 */
export function openConnection(hop: NextHop, tls: OutboundTls, localAddress: string | undefined): Opening {
  const place = { host: hop.address, port: hop.port, ...(localAddress === undefined ? {} : { localAddress }) };
  if (hop.transport !== 'tls') {
    const socket = connect({ ...place, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
    return { socket, ...holding(socket), readyEvent: 'connect' };
  }
  const socket = connectTls({ ...place, ...tlsOptions(hop.domain ?? hop.address, tls) });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  return { socket, ...holding(socket), readyEvent: 'secureConnect', speaksFor: (domain) => speaksFor(socket.getPeerCertificate(), domain, tls.verify) };
}

/** Reading the well-known authorities takes longer than the handshake: once for all connections. */
const CONTEXTS = new WeakMap<OutboundTls, SecureContext>();

function contextOf(tls: OutboundTls): SecureContext {
  const known = CONTEXTS.get(tls);
  if (known !== undefined) return known;
  const context = createSecureContext({ ...TLS_VERSIONS, ...(tls.ca === undefined ? {} : { ca: tls.ca }), ...tls.identity });
  CONTEXTS.set(tls, context);
  return context;
}

/** @param domain - whom the certificate must speak for; asked for by SNI unless it is an address (RFC 6066 §3). */
function tlsOptions(domain: string, tls: OutboundTls): ConnectionOptions {
  const { verify } = tls;
  return {
    secureContext: contextOf(tls),
    ...(isIP(domain) === 0 ? { servername: domain } : {}),
    rejectUnauthorized: verify !== 'none',
    checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
      (speaksFor(certificate, domain, verify) ? undefined : new Error(`the certificate does not speak for ${domain}`)),
  };
}

/**
 * Whether the client at the other end proved who it is.
 * @returns undefined when it did not: then its connection is for its own requests only.
 */
export function clientIdentity(socket: TLSSocket): ((domain: string) => boolean) | undefined {
  if (!socket.authorized) return undefined;
  const certificate = socket.getPeerCertificate();
  return (domain) => speaksFor(certificate, domain, 'sip');
}

function holding(socket: Socket): { carrier: StreamCarrier; ready(): void } {
  const direct = tcpCarrier(socket);
  let held: { text: string; onFailed: () => void }[] | undefined = [];
  let heldBytes = 0;
  socket.once('close', () => {
    for (const { onFailed } of held ?? []) onFailed();
    held = undefined;
  });
  return {
    carrier: {
      get bufferedBytes() { return heldBytes + direct.bufferedBytes; },
      write: (text, onFailed) => {
        if (held === undefined) {
          direct.write(text, onFailed);
          return;
        }
        held.push({ text, onFailed });
        heldBytes += text.length;
      },
      destroy: () => direct.destroy(),
    },
    ready: () => {
      const waiting = held ?? [];
      held = undefined;
      heldBytes = 0;
      for (const { text, onFailed } of waiting) direct.write(text, onFailed);
    },
  };
}
