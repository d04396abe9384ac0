import type { Candidate } from '../model/caller-match.ts';
import type { CustomerSummary } from '../model/customer-file.ts';

/** Most candidates that a match carries: the directory gives no more, and an agent reads no more. */
const MAX_CANDIDATES = 20;

/**
 * Orders the customers who share a number by how likely each is the one who calls.
 * @remarks Whoever was last in contact comes first, then those with an open case, then those
 *   with an active contract: people call again about what is going on. Value plays no part:
 *   it decides who waits, not who somebody is.
 * @returns each customer once, the likeliest first, with the reasons that hold.
 */
export function rankCandidates(customers: readonly CustomerSummary[]): readonly Candidate[] {
  const each = [...new Map(customers.map((customer) => [customer.customerId, customer])).values()];
  const [only] = each;
  if (only === undefined) return [];
  if (each.length === 1) return [{ customer: only, reasons: ['only-match'] }];
  const lastContactAt = Math.max(...each.map(lastContactOf));
  return each
    .map((customer) => ({ customer, reasons: reasonsFor(customer, lastContactAt) }))
    .sort((a, b) => weigh(b.reasons) - weigh(a.reasons)
      || compare(lastContactOf(b.customer), lastContactOf(a.customer))
      || compare(a.customer.customerId as string, b.customer.customerId as string))
    .slice(0, MAX_CANDIDATES);
}

type Reason = 'last-contact' | 'open-case' | 'active-contract';

/** Each weighs more than the ones after it together. */
const WEIGHTS: Readonly<Record<Reason, number>> = { 'last-contact': 4, 'open-case': 2, 'active-contract': 1 };

function reasonsFor(customer: CustomerSummary, lastContactAt: number): readonly Reason[] {
  const holds: Readonly<Record<Reason, boolean>> = {
    'last-contact': customer.lastContactAt !== undefined && customer.lastContactAt === lastContactAt,
    'open-case': customer.hasOpenCase,
    'active-contract': customer.hasActiveContract,
  };
  return (['last-contact', 'open-case', 'active-contract'] as const).filter((reason) => holds[reason]);
}

const weigh = (reasons: readonly Reason[]): number => reasons.reduce((sum, reason) => sum + WEIGHTS[reason], 0);
const lastContactOf = (customer: CustomerSummary): number => customer.lastContactAt ?? Number.NEGATIVE_INFINITY;
const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
