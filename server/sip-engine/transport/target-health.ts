import type { NextHop } from './next-hop.ts';

const MAX_REMEMBERED = 2_000;

/** How long a next hop that failed is tried last. */
export const FAILED_MS = 30_000;
/** How long a peer that took no TCP connection gets its large requests over UDP at once. */
export const NO_TCP_MS = 300_000;

/** Remembers for a while which next hops failed, so that not every call finds out by itself (RFC 3263 §4.3). */
export class TargetHealth {
  readonly #failedUntil = new Map<string, number>();

  /** Takes note that a next hop could not be reached, or refused with 503. */
  markFailed(hop: NextHop, forMs = FAILED_MS): void {
    const key = keyOf(hop);
    this.#failedUntil.delete(key);
    const [oldest] = this.#failedUntil.keys();
    if (this.#failedUntil.size >= MAX_REMEMBERED && oldest !== undefined) this.#failedUntil.delete(oldest);
    this.#failedUntil.set(key, Date.now() + forMs);
  }

  /** Takes note that a next hop answered. */
  markWell(hop: NextHop): void {
    if (this.#failedUntil.size > 0) this.#failedUntil.delete(keyOf(hop));
  }

  hasFailed(hop: NextHop): boolean {
    const until = this.#failedUntil.get(keyOf(hop));
    return until !== undefined && until > Date.now();
  }

  /** The same hops; those that failed lately come last. */
  inOrder(hops: readonly NextHop[]): NextHop[] {
    if (this.#failedUntil.size === 0 || hops.length < 2) return [...hops];
    return [...hops.filter((hop) => !this.hasFailed(hop)), ...hops.filter((hop) => this.hasFailed(hop))];
  }
}

const keyOf = ({ transport, address, port }: NextHop): string => `${transport}:${address}:${port}`;
