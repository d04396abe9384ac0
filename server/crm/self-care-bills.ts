import { epochMs, type EpochMs } from '../base/time.ts';
import type { CustomerFile, Invoice, Money } from '../model/customer-file.ts';

/** What self-care says of a customer's bills. */
export type BillOf =
  | {
    readonly kind: 'due';
    /** What is owed, after credits. */
    readonly total: Money;
    /** How many bills make it up. */
    readonly count: number;
    /** The earliest due date among them: in the past when `overdue`. */
    readonly nextDueAt: EpochMs;
    readonly overdue: boolean;
  }
  | { readonly kind: 'nothing-due' };

/**
 * Sums up the unpaid bills of a file for the voice server. Pure.
 * @remarks Amounts in different currencies cannot be added, and a voice says one figure: the
 *   currency with most unpaid bills is the one that the customer is normally billed in, and
 *   is spoken; of two with equally many, the one with the earliest due date. The agent's page
 *   shows all of them.
 */
export function billOf(file: Pick<CustomerFile, 'invoices'>, now: EpochMs): BillOf {
  const unpaid = file.invoices.filter((invoice) => invoice.paidAt === undefined);
  const bills = spokenCurrency(unpaid.filter(({ amount }) => amount.minor > 0));
  const [first] = bills;
  if (first === undefined) return { kind: 'nothing-due' };
  const { currency } = first.amount;
  // Credit notes are bills of negative amounts: they reduce what is owed.
  const minor = unpaid.filter(({ amount }) => amount.currency === currency).reduce((sum, { amount }) => sum + amount.minor, 0);
  if (minor <= 0) return { kind: 'nothing-due' };
  const nextDueAt = earliestDue(bills);
  return { kind: 'due', total: { minor, currency }, count: bills.length, nextDueAt, overdue: nextDueAt < now };
}

function spokenCurrency(bills: readonly Invoice[]): readonly Invoice[] {
  const byCurrency = new Map<string, Invoice[]>();
  for (const bill of bills) byCurrency.set(bill.amount.currency, [...(byCurrency.get(bill.amount.currency) ?? []), bill]);
  return [...byCurrency.values()].sort((a, b) => b.length - a.length || earliestDue(a) - earliestDue(b))[0] ?? [];
}

const earliestDue = (bills: readonly Invoice[]): EpochMs => epochMs(Math.min(...bills.map(({ dueAt }) => dueAt)));
