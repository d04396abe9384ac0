/** Who ended a call, or what did. */
export type TerminationResult =
  /** The caller hung up (BYE, or CANCEL before the answer). */
  | 'caller'
  /** The agent hung up. */
  | 'agent'
  /** Allo ended it on purpose: the flow said goodbye, nobody could serve it. */
  | 'system'
  /** Refused before it was answered (unknown number, drain, codec). */
  | 'refused'
  /** A fault of ours or of the network. */
  | 'failed'
  /** The process ended under the call; found at the next start. */
  | 'interrupted';

/**
 * How a call ended, as a value.
 * @remarks `sipStatus` and `q850` are what a Reason header carries (RFC 3326; ITU-T Q.850 table 1).
 */
export interface Termination {
  readonly result: TerminationResult;
  /** Stable word, for instance `caller-hung-up`, `abandoned-in-queue`, `ack-timeout`. */
  readonly reason: string;
  /** The final response that the caller's INVITE got: 200 for a call that was answered, whoever hung up. */
  readonly sipStatus?: number;
  readonly q850?: number;
}

/** Cause numbers of ITU-T Q.850 that Allo sets itself. */
export const Q850 = {
  unallocatedNumber: 1,
  normalClearing: 16,
  userBusy: 17,
  noAnswer: 19,
  callRejected: 21,
  temporaryFailure: 41,
  bearerNotImplemented: 65,
  recoveryOnTimerExpiry: 102,
  interworking: 127,
} as const;
