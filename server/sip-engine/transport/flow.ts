/** The transports of the engine, as they are written in URIs; TLS and WSS join later. */
export type Transport = 'udp' | 'tcp' | 'ws';

/** Where a SIP listener is, or should be; port 0 asks for an ephemeral one. */
export interface SipListener {
  readonly transport: 'udp' | 'tcp';
  readonly host: string;
  readonly port: number;
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
