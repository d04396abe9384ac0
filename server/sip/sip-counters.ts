/** What happened since the start, for the status page and the log. */
export interface SipCounters {
  readonly invites: number;
  /** INVITEs refused with 403 because their sender is no trunk of ours. */
  readonly hostile: number;
  /** INVITEs that no call can be made of: 400. */
  readonly malformed: number;
  /** Requests of a dialog that is not known (any more): 481. */
  readonly outOfDialog: number;
  /** Methods that are not served: 405. */
  readonly unsupported: number;
  readonly registered: number;
  readonly unregistered: number;
  /** REGISTERs with a wrong password or an unknown user. */
  readonly denied: number;
  /** Calls that we were asked to place through trunks, and those of them that were answered. */
  readonly placed: number;
  readonly placedAnswered: number;
  readonly reconnects: number;
  /** Calls in progress on this connection, both kinds of legs. */
  readonly legs: number;
  readonly bindings: number;
}

/** The counters that only grow. */
export type SipTally = { -readonly [K in keyof Omit<SipCounters, 'reconnects' | 'legs' | 'bindings'>]: number };

/** A tally of nothing yet. */
export const emptyTally = (): SipTally => ({
  invites: 0, hostile: 0, malformed: 0, outOfDialog: 0, unsupported: 0, registered: 0, unregistered: 0, denied: 0, placed: 0, placedAnswered: 0,
});
