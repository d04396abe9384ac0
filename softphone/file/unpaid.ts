import type { Invoice, Money } from '../../server/model/customer-file.ts';

/** The unpaid bills of a file, the earliest due first, and what they come to by currency. */
export interface Unpaid {
  readonly invoices: readonly Invoice[];
  readonly totals: readonly Money[];
  readonly hasOverdue: boolean;
}

/** Whether a bill should have been paid by now. */
export const isOverdue = (invoice: Invoice, now: number): boolean => invoice.paidAt === undefined && invoice.dueAt < now;

/** Adds up what is not paid; amounts of different currencies are never added together. */
export function sumUnpaid(invoices: readonly Invoice[], now: number): Unpaid {
  const open = invoices.filter((invoice) => invoice.paidAt === undefined).sort((a, b) => a.dueAt - b.dueAt);
  const totals = new Map<string, number>();
  for (const { amount } of open) totals.set(amount.currency, (totals.get(amount.currency) ?? 0) + amount.minor);
  return {
    invoices: open,
    totals: [...totals].map(([currency, minor]) => ({ currency, minor })),
    hasOverdue: open.some((invoice) => isOverdue(invoice, now)),
  };
}
