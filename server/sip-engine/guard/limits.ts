/** Hard limits of everything that arrives on the engine's sockets; sizes in bytes, times in milliseconds. */
export interface SipLimits {
  /** One whole SIP message; larger ones are dropped (UDP) or end the connection. */
  readonly messageBytes: number;
  /** One header line, unfolded. */
  readonly lineBytes: number;
  readonly headers: number;
  /** A Request-URI. */
  readonly uriBytes: number;
  /** Stream connections of every kind together, those in a handshake included. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** A stream connection on which nothing arrived for so long is closed. */
  readonly idleMs: number;
  /** An accepted connection that brings no message and no keep-alive for so long at its start is closed. */
  readonly silentMs: number;
  /** A TLS handshake and a WebSocket upgrade of a client must be complete within this time. */
  readonly handshakeMs: number;
  /** A connection that we open must be there, TLS included, within this time. */
  readonly connectMs: number;
  /** The head of a WebSocket upgrade request. */
  readonly upgradeBytes: number;
  /** How often a connection that we opened, or a WebSocket, is asked for a sign of life (RFC 5626 §4.4.1). */
  readonly keepAliveMs: number;
  /** How long the sign of life may take; then the connection is half-open and closed. */
  readonly pongMs: number;
  /** STUN binding requests that one address may send per second; more are dropped. */
  readonly stunPerSecond: number;
  /** A message that has begun on a stream must be complete within this time (slow-loris). */
  readonly messageMs: number;
  /** Bytes waiting to be written to one peer; a peer that does not read is disconnected. */
  readonly sendBufferBytes: number;
  /** Live transactions; beyond it new requests get 503. */
  readonly transactions: number;
  /** One frame of the application protocol. */
  readonly frameBytes: number;
  /** An application must authenticate within this time. */
  readonly authenticateMs: number;
}

/** Limits for a centre of some thousand agents on one machine. */
export const DEFAULT_LIMITS: SipLimits = {
  messageBytes: 65_536,
  lineBytes: 8_192,
  headers: 200,
  uriBytes: 2_048,
  connections: 20_000,
  connectionsPerAddress: 2_000,
  idleMs: 2 * 60 * 60_000,
  silentMs: 60_000,
  handshakeMs: 10_000,
  connectMs: 4_000,
  upgradeBytes: 8_192,
  keepAliveMs: 100_000,
  pongMs: 10_000,
  stunPerSecond: 50,
  messageMs: 10_000,
  sendBufferBytes: 1_048_576,
  transactions: 200_000,
  frameBytes: 262_144,
  authenticateMs: 5_000,
};
