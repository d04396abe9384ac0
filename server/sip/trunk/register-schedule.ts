import type { Milliseconds } from '../../base/time.ts';

const FIRST_BACKOFF_MS = 4_000;
const MAX_BACKOFF_MS = 120_000;
/** Wrong passwords and refused accounts do not become right by asking often, and get addresses banned. */
const REFUSED_BACKOFF_MS = 60_000;
const MAX_REFUSED_BACKOFF_MS = 600_000;
const LEAST_REFRESH_MS = 1_000;
/** A refresh leaves time for its own retries: one in five of the granted time, 30 s at most. */
const MOST_MARGIN_MS = 30_000;

/**
 * When to refresh a registration.
 * @remarks RFC 3261 §10.2.4; spread over a tenth of the time, so that many registrations drift apart.
 * @param grantedMs - what the registrar granted.
 * @param random - 0 to 1.
 */
export function refreshDelay(grantedMs: Milliseconds, random: number): Milliseconds {
  const latest = grantedMs - Math.min(grantedMs / 5, MOST_MARGIN_MS);
  return Math.max(LEAST_REFRESH_MS, latest - random * (grantedMs / 10));
}

/** Why an attempt to register failed, as far as the next one is concerned. */
export interface RegisterFailure {
  /** Whether the far end answered that it does not want this account, rather than being out of reach. */
  readonly isRefused: boolean;
  /** What the far end asked for (RFC 3261 §20.33), milliseconds. */
  readonly retryAfterMs?: Milliseconds;
}

/**
 * When to try again after a failure.
 * @remarks RFC 5626 §4.5: doubled with each failure in a row up to a bound, of which 50 to 100 % are waited. Its bounds
 *   (30 s and 30 minutes) are shortened for targets out of reach: a centre without its carrier is closed.
 * @param failures - in a row, this one included: at least 1.
 * @param random - 0 to 1.
 */
export function retryDelay(failure: RegisterFailure, failures: number, random: number): Milliseconds {
  const [first, most] = failure.isRefused ? [REFUSED_BACKOFF_MS, MAX_REFUSED_BACKOFF_MS] : [FIRST_BACKOFF_MS, MAX_BACKOFF_MS];
  const upper = Math.min(most, first * 2 ** Math.min(failures - 1, 30));
  return Math.max(upper * (0.5 + random / 2), Math.min(failure.retryAfterMs ?? 0, MAX_REFUSED_BACKOFF_MS));
}
