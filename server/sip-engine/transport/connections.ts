import type { Socket } from 'node:net';
import type { Counters } from '../guard/counters.ts';
import type { SipLimits } from '../guard/limits.ts';
import { parseHostPort } from '../message/sip-uri.ts';
import type { Flow, StreamTransport, Transport, TransportEvents } from './flow.ts';
import { plainAddress } from './local-address.ts';
import type { LocalPlace } from './local-end.ts';
import type { NextHop } from './next-hop.ts';
import { StreamFlow, type StreamCarrier } from './stream-flow.ts';

/** What the connections share. */
export interface ConnectionsOptions {
  readonly limits: SipLimits;
  readonly counters: Counters;
  readonly events: TransportEvents;
}

/** One connection that becomes a flow. */
export interface NewConnection {
  readonly transport: StreamTransport;
  readonly socket: Socket;
  readonly carrier: StreamCarrier;
  readonly local: LocalPlace;
  /** Where we connected to; absent for accepted connections. */
  readonly hop?: NextHop;
  /** Whether the certificate of the peer speaks for a domain; absent without a verified one. */
  readonly speaksFor?: (domain: string) => boolean;
  readonly viaParams?: string;
  readonly onGone?: () => void;
}

/** The topmost Via over TLS that asks for reuse of its connection, and its sent-by (RFC 5923 §5). */
const ALIAS = /^[A-Z]+ [^\r\n]*\r\n(?:[^\r\n]+\r\n)*?(?:via|v)[ \t]*:[ \t]*SIP[ \t]*\/[ \t]*2\.0[ \t]*\/[ \t]*TLS[ \t]+([^;,\s]+)[^\r\n,]*;[ \t]*alias(?=[ \t;,\r])/i;
/** The topmost Via stands within this many bytes, or there is no alias. */
const ALIAS_WITHIN = 2_048;

/** The live connections, found by the peer's address, or by what the peer said that it can be reached at. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #flows = new Map<string, StreamFlow>();
  readonly #speaksFor = new WeakMap<Flow, (domain: string) => boolean>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /**
   * The connection to a next hop.
   * @remarks RFC 5923 §9.1: over TLS only one whose peer has proved to be the domain. A WebSocket
   *   URI does not tell whether the connection is secured by us or by a proxy before us.
   */
  find({ transport, address, port, domain }: NextHop): StreamFlow | undefined {
    if (transport === 'ws' || transport === 'wss') {
      return this.#flows.get(keyOf(transport, address, port)) ?? this.#flows.get(keyOf(transport === 'ws' ? 'wss' : 'ws', address, port));
    }
    const flow = this.#flows.get(keyOf(transport, address, port));
    if (transport !== 'tls' || flow === undefined || domain === undefined || domain === address || this.#speaksFor.get(flow)?.(domain) === true) return flow;
    return this.#flows.get(keyOf(transport, address, port, domain));
  }

  /** Makes a flow of a connection, and keeps it while it is open. */
  add(connection: NewConnection): StreamFlow {
    const { transport, socket, carrier, hop, local, speaksFor } = connection;
    const remoteAddress = hop?.address ?? plainAddress(socket.remoteAddress ?? '');
    const remotePort = hop?.port ?? socket.remotePort ?? 0;
    const keys: string[] = [];
    const put = (key: string): void => {
      keys.push(key);
      this.#flows.set(key, flow);
    };
    const { events } = this.#options;
    let mayAlias = transport === 'tls' && hop === undefined && speaksFor !== undefined;
    const flow: StreamFlow = new StreamFlow({
      ...this.#options,
      ...local,
      transport, carrier, remoteAddress, remotePort,
      isAccepted: hop === undefined,
      ...(connection.viaParams === undefined ? {} : { viaParams: connection.viaParams }),
      events: {
        onFlowClosed: (from) => events.onFlowClosed(from),
        onMessage: (text, from) => {
          if (mayAlias) {
            const key = aliasKey(text, remoteAddress);
            mayAlias = key === undefined;
            if (key !== undefined && !this.#flows.has(key)) put(key);
          }
          events.onMessage(text, from);
        },
      },
      onGone: () => {
        for (const key of keys) if (this.#flows.get(key) === flow) this.#flows.delete(key);
        connection.onGone?.();
      },
    });
    if (speaksFor !== undefined) this.#speaksFor.set(flow, speaksFor);
    const key = keyOf(transport, remoteAddress, remotePort);
    put(this.#flows.has(key) && hop?.domain !== undefined ? keyOf(transport, remoteAddress, remotePort, hop.domain) : key);
    return flow;
  }

  /** Ends them all. */
  close(): void {
    for (const flow of new Set(this.#flows.values())) flow.close();
  }
}

const keyOf = (transport: Transport, address: string, port: number, domain?: string): string =>
  `${transport}:${address}:${port}${domain === undefined ? '' : `:${domain}`}`;

/** The peer can only claim a port at the address that it really has. */
function aliasKey(text: string, remoteAddress: string): string | undefined {
  const sentBy = ALIAS.exec(text.slice(0, ALIAS_WITHIN))?.[1];
  const place = sentBy === undefined ? undefined : parseHostPort(sentBy);
  return place === undefined ? undefined : keyOf('tls', remoteAddress, place.port ?? 5061);
}
