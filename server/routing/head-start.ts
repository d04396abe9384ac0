import type { EpochMs } from '../base/time.ts';
import type { QueuePolicy } from '../model/centre.ts';
import type { CustomerSummary } from '../model/customer-file.ts';
import type { HeadStart } from '../model/routing.ts';

/** What the head start depends on; the rest of the customer plays no part in the order. */
export type ValuedCustomer = Pick<CustomerSummary, 'tier' | 'churnLight'>;

/**
 * How far ahead of its arrival a call is placed, for the queue and for the receipt.
 * @param customer - the likeliest caller; `undefined` when nobody was found, or not in time.
 * @returns `ms` within 0..`policy.maxHeadStartMs`, whatever the table says: the bound of
 *   invariant 3 does not depend on a careful administrator. `parts` are named
 *   `tier:<tier>`, `churn-red` or `unknown-caller`, as they were before the bound.
 */
export function headStartOf(customer: ValuedCustomer | undefined, policy: QueuePolicy): HeadStart {
  const parts = customer === undefined ? [{ reason: 'unknown-caller', ms: 0 }] : partsOf(customer, policy);
  const sum = parts.reduce((total, part) => total + part.ms, 0);
  return { ms: within(0, sum, policy.maxHeadStartMs), parts, policyVersion: policy.version };
}

/** The place in the queue: smallest first. Every entry ages alike, so the order of two never changes. */
export function queueKey(enqueuedAt: EpochMs, headStart: HeadStart): number {
  return enqueuedAt - headStart.ms;
}

function partsOf(customer: ValuedCustomer, policy: QueuePolicy): HeadStart['parts'] {
  const tier = { reason: `tier:${customer.tier}`, ms: policy.headStartMsByTier[customer.tier] };
  return customer.churnLight === 'red' ? [tier, { reason: 'churn-red', ms: policy.churnHeadStartMs }] : [tier];
}

function within(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
