import { epochMs } from '../../server/base/time.ts';
import type { CustomerSummary, Invoice } from '../../server/model/customer-file.ts';
import { asId, type CustomerId, type TenantId } from '../../server/model/ids.ts';
import type { E164 } from '../../server/model/phone-number.ts';

export const TENANT = asId<TenantId>('tenant-1');
export const NOW = epochMs(1_750_000_000_000);
export const CAROLS_NUMBER = '+213550123456' as E164; // A literal of the right form.

/** A customer of whom little is known. */
export function customer(name: string, changes: Partial<CustomerSummary> = {}): CustomerSummary {
  return {
    customerId: asId<CustomerId>(name), displayName: name, tier: 'bronze', valueScore: 10, churnLight: 'green',
    hasOpenCase: false, hasActiveContract: false, ...changes,
  };
}

/** An unpaid bill that falls due `dueInMs` from {@link NOW}. */
export function bill(minor: number, dueInMs: number, changes: Partial<Invoice> & { currency?: string } = {}): Invoice {
  const { currency = 'DZD', ...rest } = changes;
  return { number: `F-${minor}`, label: 'Prime', amount: { minor, currency }, dueAt: epochMs(NOW + dueInMs), ...rest };
}
