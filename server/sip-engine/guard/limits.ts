/** Hard limits of everything that arrives on the engine's sockets; sizes in bytes, times in milliseconds. */
export interface SipLimits {
  /** One whole SIP message; larger ones are dropped (UDP) or end the connection. */
  readonly messageBytes: number;
  /** One header line, unfolded. */
  readonly lineBytes: number;
  readonly headers: number;
  /** A Request-URI. */
  readonly uriBytes: number;
  /** Stream connections (TCP and WebSocket together). */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** A stream connection on which nothing arrived for so long is closed. */
  readonly idleMs: number;
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
  messageMs: 10_000,
  sendBufferBytes: 1_048_576,
  transactions: 200_000,
  frameBytes: 262_144,
  authenticateMs: 5_000,
};
