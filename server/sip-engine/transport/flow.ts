import type { ListenerTls } from './tls-settings.ts';

/** The transports of the engine, as they are written in URIs. */
export type Transport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** The transports that are connections. */
export type StreamTransport = Exclude<Transport, 'udp'>;

/**
 * Where a SIP listener is, or should be; port 0 asks for an ephemeral one.
 * @remarks A listener serves one address family: `::` takes no IPv4, so that both can have the same port.
 */
export interface SipListener {
  readonly transport: Transport;
  /** Numeric: an address of this machine, or the wildcard of its family. */
  readonly host: string;
  readonly port: number;
  /** The address that peers outside `localNetworks` see, when a NAT translates ours (`external-ip`). */
  readonly externalAddress?: string;
  /** The port that goes with it; default: the listener's own. */
  readonly externalPort?: number;
  /** Networks (`10.0.0.0/8`) whose peers see our own address; default: the private ones. */
  readonly localNetworks?: readonly string[];
  /** Required for `tls` and `wss`. */
  readonly tls?: ListenerTls;
}

/**
 * A way to reach one peer: a UDP address pair, or one connection (RFC 5626 §1). Responses and
 * in-dialog requests travel back over the flow their request came in on.
 */
export interface Flow {
  readonly transport: Transport;
  /** Whether the transport retransmits by itself (RFC 3261 §17: no timers A, E, G on it). */
  readonly reliable: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The address to put in Via and Contact for this peer. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly isOpen: boolean;
  /** Further parameters of our Via over it, with the leading `;` (RFC 5923 `alias`). */
  readonly viaParams?: string;
  /**
   * Sends one message (binary string).
   * @param onFailed - called at most once, and never before `send` returns, when it is known that
   *   the peer will not get the message.
   */
  send(text: string, onFailed?: () => void): void;
}

/** What the transports hand upwards. */
export interface TransportEvents {
  /** One complete message, as a binary string. */
  onMessage(text: string, flow: Flow): void;
  /** A connection is gone; nothing can be sent on its flow any more. */
  onFlowClosed(flow: Flow): void;
}
