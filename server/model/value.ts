/** Value tiers, best first. */
export const TIERS = ['platinum', 'gold', 'silver', 'bronze'] as const;
/** The value segment of a customer; `unknown` callers have none. */
export type Tier = (typeof TIERS)[number];

/** The warning light that every channel shows: how likely the customer is to leave. */
export type ChurnLight = 'green' | 'amber' | 'red';
