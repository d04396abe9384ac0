import type { CustomerFile, CustomerSummary } from '../model/customer-file.ts';
import type { CustomerId, TenantId } from '../model/ids.ts';
import type { E164 } from '../model/phone-number.ts';

/** The customer base, as identification and the pop need it. Implemented in `db`. */
export interface CustomerDirectory {
  /** Every customer who has this number; at most 20. Rejects on a fault or when `signal` fires. */
  findByPhone(tenantId: TenantId, number: E164, signal: AbortSignal): Promise<readonly CustomerSummary[]>;
  /** The whole file, or nothing when the tenant has no such customer. Rejects on a fault or when `signal` fires. */
  loadFile(tenantId: TenantId, customerId: CustomerId, signal: AbortSignal): Promise<CustomerFile | undefined>;
  /** Search by name, number or contract; best first, at most `limit`. */
  search(tenantId: TenantId, text: string, limit: number): Promise<readonly CustomerSummary[]>;
}
