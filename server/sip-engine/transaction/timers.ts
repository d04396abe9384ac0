/** The base timers of RFC 3261 §17 (table 4), in milliseconds; tests shorten them. */
export interface SipTimers {
  /** Round-trip estimate: the first retransmission interval. */
  readonly t1: number;
  /** Longest retransmission interval of non-INVITE requests and INVITE responses. */
  readonly t2: number;
  /** How long a message may live in the network. */
  readonly t4: number;
  /** How long an INVITE may stay without a final response after its last provisional one (§16.6, timer C). */
  readonly c: number;
  /** What a second is in sessions: of a Session-Expires, of a Retry-After, and of the wait after a 491. */
  readonly second: number;
}

/** The values of the RFC; C is longer than its three minutes, because queues make people wait. */
export const DEFAULT_TIMERS: SipTimers = { t1: 500, t2: 4_000, t4: 5_000, c: 600_000, second: 1_000 };

/** 64·T1: timers B, D (at least 32 s in the RFC, which is the same at T1 = 500), F, H, J, L and M. */
export const lifetime = (timers: SipTimers): number => 64 * timers.t1;

/**
 * When a request other than INVITE that has no answer gets its 100: as the client's timer E reaches T2.
 * @remarks RFC 4320 §4.1; 3.5 seconds with the timers of the RFC.
 */
export function tryingDelay({ t1, t2 }: SipTimers): number {
  let at = 0;
  for (let interval = t1; interval < t2; interval *= 2) at += interval;
  return at;
}

/** What the rules of a transaction depend on besides its events. */
export interface TransactionSetting {
  readonly timers: SipTimers;
  /** Whether the transport is TCP or WebSocket: it retransmits by itself, and nothing lingers. */
  readonly reliable: boolean;
}

/** Effects of all four machines; `tell-…` goes to the transaction user. */
export type TransactionCommand =
  | { readonly do: 'start'; readonly timer: TransactionTimer; readonly ms: number }
  | { readonly do: 'stop'; readonly timer: TransactionTimer }
  /** Client: (re)send the request. */
  | { readonly do: 'send-request' }
  /** Client: send the ACK for a non-2xx response. */
  | { readonly do: 'send-ack' }
  /** Server: (re)send the latest response. */
  | { readonly do: 'send-response' }
  /** Server: send 100, for a request that waits for its answer (RFC 4320 §4.1). */
  | { readonly do: 'send-trying' }
  /** Client: the event's response goes up. */
  | { readonly do: 'tell-response' }
  | { readonly do: 'tell-timeout' }
  | { readonly do: 'tell-transport-failed' };

/** Timers by their letters; `linger` is D, I, J, K, L or M: the end of the transaction. */
export type TransactionTimer = 'retransmit' | 'timeout' | 'linger';

/** Events of the clocks and of the transport, common to all machines. */
export type CommonEvent =
  | { readonly type: 'retransmit' }
  | { readonly type: 'timeout' }
  | { readonly type: 'linger' }
  | { readonly type: 'transport-failed' };

const start = (timer: TransactionTimer, ms: number): TransactionCommand => ({ do: 'start', timer, ms });
const stop = (timer: TransactionTimer): TransactionCommand => ({ do: 'stop', timer });

/** The commands, ready-made. */
export const order = {
  start,
  stop,
  sendRequest: { do: 'send-request' },
  sendAck: { do: 'send-ack' },
  sendResponse: { do: 'send-response' },
  sendTrying: { do: 'send-trying' },
  tellResponse: { do: 'tell-response' },
  tellTimeout: { do: 'tell-timeout' },
  tellTransportFailed: { do: 'tell-transport-failed' },
} as const satisfies Record<string, TransactionCommand | typeof start | typeof stop>;
