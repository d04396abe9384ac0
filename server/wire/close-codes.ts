/**
 * Why the server closes a browser's socket.
 * @remarks RFC 6455 §7.4.1 up to 2999; 4000 to 4999 are an application's own (§7.4.2).
 */
export const CLOSE_CODES = {
  /** The server stops: come back in a moment. */
  goingAway: 1001,
  /** Too many invalid frames, or far too many frames. */
  policyViolation: 1008,
  /** The browser reads too slowly: come back, a fresh snapshot is smaller than what was waiting. */
  tooSlow: 1013,
  /** The session is over: sign in again. A `signed-out` frame came before. */
  signedOut: 4001,
} as const;
