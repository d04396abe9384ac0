/** How much is offered. */
export interface LoadRequest {
  /** New ones per second, whatever became of those before (open loop). */
  readonly rate: number;
  readonly count: number;
}

/** What became of a load. */
export interface Offered {
  /** New ones per second, as they were really begun. */
  readonly achievedRate: number;
  readonly failed: number;
  /** Requests that the generator had to send again. */
  readonly retransmissions: number;
  /** Milliseconds from request to final answer, where the generator measures them. */
  readonly times: readonly number[];
}

/**
 * Offers a load with a generator in a process of its own, which is gone when this ends.
 * @throws Error when less than the count was offered.
 */
export type Load = (request: LoadRequest) => Promise<Offered>;
