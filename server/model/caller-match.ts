import type { CustomerSummary } from './customer-summary.ts';

/** One customer whom the calling number may be, and why it is thought so. */
export interface Candidate {
  readonly customer: CustomerSummary;
  /** Stable words, best first: `last-contact`, `open-case`, `active-contract`, `only-match`. */
  readonly reasons: readonly string[];
}

/**
 * What is known of the caller. A number identifies a line, not a person: several is normal;
 * none, anonymous and unavailable are normal too, and no call waits for them to improve.
 */
export type CallerMatch =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly candidate: Candidate }
  /** Ranked, the likeliest first; at least two. */
  | { readonly kind: 'several'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'anonymous' }
  /** The customer base did not answer, or not in time. */
  | { readonly kind: 'unavailable'; readonly cause: string };

/** The customer to greet and to route by: the one match, or the likeliest of several. */
export function likeliest(match: CallerMatch): CustomerSummary | undefined {
  if (match.kind === 'one') return match.candidate.customer;
  if (match.kind === 'several') return match.candidates[0]?.customer;
  return undefined;
}
