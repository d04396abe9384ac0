import type { CallerMatch } from '../../server/model/caller-match.ts';
import type { CustomerSummary } from '../../server/model/customer-file.ts';
import { asId } from '../../server/model/ids.ts';

/** Carol, a customer who speaks English. */
export const CAROL: CustomerSummary = {
  customerId: asId('customer-carol'), displayName: 'Carol Benali', language: 'en', tier: 'gold', valueScore: 70,
  churnLight: 'green', hasOpenCase: false, hasActiveContract: true,
};

/** The match when one customer has the number. */
export const oneMatch = (customer: CustomerSummary = CAROL): CallerMatch =>
  ({ kind: 'one', candidate: { customer, reasons: ['only-match'] } });

/** The match when several customers share the line. */
export const severalMatch = (...customers: readonly CustomerSummary[]): CallerMatch =>
  ({ kind: 'several', candidates: customers.map((customer) => ({ customer, reasons: ['active-contract'] })) });
