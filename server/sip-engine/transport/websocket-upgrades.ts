import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { refuseUpgrade } from '../../base/refuse-upgrade.ts';
import type { Counters } from '../guard/counters.ts';
import type { SipLimits } from '../guard/limits.ts';

/**
 * Whether a page may open a WebSocket here.
 * @param origin - the Origin header; programs send none.
 * @param host - the Host header: what the page calls this server.
 */
export type AllowOrigin = (origin: string | undefined, host: string | undefined) => boolean;

/** What {@link WebSocketUpgrades} is made with. */
export interface UpgradeOptions {
  readonly limits: SipLimits;
  readonly counters: Counters;
  /** Default: pages of the host that is called, and programs. */
  readonly allowOrigin?: AllowOrigin;
}

/** What the listener says about the socket of an upgrade. */
export interface UpgradePlace {
  /** Whether the engine closes, or has no room for one more connection. */
  readonly refusal: 'closing' | 'too-many-connections' | undefined;
  readonly onOpen: (webSocket: WebSocket, socket: Socket) => void;
}

/**
 * Turns HTTP upgrade requests into WebSockets that carry SIP, or refuses them.
 * @remarks RFC 6455 §4.2 and §10.2 (origin), RFC 7118 §4.1 (subprotocol). No compression: its
 *   state costs memory per connection, and a small frame may become a large message.
 */
export class WebSocketUpgrades {
  readonly #options: UpgradeOptions;
  readonly #server: WebSocketServer;

  constructor(options: UpgradeOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.limits.messageBytes,
      autoPong: false, // Answered by the flow, which knows how much the peer has left unread.
      handleProtocols: (protocols) => [...protocols].find((one) => one.toLowerCase() === 'sip') ?? false,
    });
  }

  /** Takes one upgrade request. Never throws: what is not right gets an HTTP error and is closed. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer, place: UpgradePlace): void {
    const { counters, allowOrigin = isSameHost } = this.#options;
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim().toLowerCase());
    const refuse = (status: number, counter: string): void => {
      counters.add(`refused.${counter}`);
      socket.on('error', () => socket.destroy());
      refuseUpgrade(socket, status);
    };
    if (place.refusal === 'closing') return refuse(503, 'closing');
    if (!protocols.includes('sip')) return refuse(400, 'websocket-protocol');
    if (!allowOrigin(request.headers.origin, request.headers.host)) return refuse(403, 'websocket-origin');
    if (!(socket instanceof Socket) || place.refusal !== undefined) return refuse(503, 'too-many-connections');
    this.#server.handleUpgrade(request, socket, head, (webSocket) => place.onOpen(webSocket, socket));
  }
}

/** Whether a page was served by the host that it calls; the scheme may differ, because a proxy may end TLS before us. */
function isSameHost(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  const called = `${page.protocol}//${host}`;
  return URL.canParse(called) && page.host !== '' && page.host === new URL(called).host;
}
