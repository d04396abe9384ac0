import { z } from 'zod';
import type { CaseSummary, Contract, CustomerFile, CustomerSummary, Invoice, Order, Task } from '../../server/model/customer-file.ts';
import { asId, type CustomerId, type UserId } from '../../server/model/ids.ts';
import { TIERS } from '../../server/model/value.ts';
import type { CaseRow, ContractRow, InvoiceRow, OrderRow } from '../entities/customer-entities.ts';
import { flag, instant, json, language, parseRow, wholeNumber, withoutNulls } from './columns.ts';

const summaryFields = {
  customerId: z.string().min(1).transform((id) => asId<CustomerId>(id)),
  displayName: z.string().min(1),
  company: z.string().nullable(),
  language: language.nullable(),
  tier: z.enum(TIERS),
  valueScore: wholeNumber.pipe(z.int().min(0).max(100)),
  churnLight: z.enum(['green', 'amber', 'red']),
  assignedManagerId: z.string().transform((id) => asId<UserId>(id)).nullable(),
  lastContactAt: instant.nullable(),
  hasOpenCase: flag,
  hasActiveContract: flag,
} as const;

const summarySchema = z.object(summaryFields);

const detailsSchema = z.object({
  ...summaryFields,
  tierReason: z.string(),
  email: z.string().nullable(),
  address: z.string().nullable(),
  assignedManagerName: z.string().nullable(),
  consentRecording: flag,
  consentMarketing: flag,
  optedOutChannels: json(z.array(z.string())),
  customFields: json(z.record(z.string(), z.string())),
});

const idOf = (row: unknown, column: string): string =>
  typeof row === 'object' && row !== null ? String((row as Record<string, unknown>)[column]) : 'unknown';

/** @param row - with the columns of `CUSTOMER_COLUMNS`. @throws AppError `db.bad-row`. */
export function toSummary(row: unknown): CustomerSummary {
  return withoutNulls(parseRow(summarySchema, row, { table: 'customers', id: idOf(row, 'customerId') }));
}

/** The part of the file that is in the customer's own row. @throws AppError `db.bad-row`. */
export function toDetails(row: unknown): Omit<CustomerFile, 'numbers' | 'contracts' | 'cases' | 'invoices' | 'orders' | 'tasks' | 'timeline'> {
  const { consentRecording, consentMarketing, optedOutChannels, ...rest } =
    parseRow(detailsSchema, row, { table: 'customers', id: idOf(row, 'customerId') });
  return { ...withoutNulls(rest), consent: { recording: consentRecording, marketing: consentMarketing, optedOutChannels } };
}

const currency = z.string().regex(/^[A-Z]{3}$/);

const contractSchema = z.object({
  number: z.string().min(1), product: z.string(), status: z.enum(['active', 'suspended', 'ended']), startedAt: instant,
  endsAt: instant.nullable(), premiumMinor: wholeNumber, premiumCurrency: currency,
});

/** @throws AppError `db.bad-row`. */
export function toContract(row: ContractRow): Contract {
  const { premiumMinor: minor, premiumCurrency, ...rest } = parseRow(contractSchema, row, { table: 'contracts', id: row.number });
  return { ...withoutNulls(rest), premium: { minor, currency: premiumCurrency } };
}

const caseSchema = z.object({
  number: z.string().min(1), kind: z.enum(['claim', 'fault', 'request', 'complaint']), title: z.string(),
  status: z.enum(['open', 'waiting-for-customer', 'resolved', 'closed']), openedAt: instant, closedAt: instant.nullable(),
});

/** @throws AppError `db.bad-row`. */
export const toCase = (row: CaseRow): CaseSummary => withoutNulls(parseRow(caseSchema, row, { table: 'cases', id: row.number }));

const invoiceSchema = z.object({
  number: z.string().min(1), label: z.string(), amountMinor: wholeNumber, amountCurrency: currency, dueAt: instant, paidAt: instant.nullable(),
});

/** @throws AppError `db.bad-row`. */
export function toInvoice(row: InvoiceRow): Invoice {
  const { amountMinor: minor, amountCurrency, ...rest } = parseRow(invoiceSchema, row, { table: 'invoices', id: row.number });
  return { ...withoutNulls(rest), amount: { minor, currency: amountCurrency } };
}

const orderSchema = z.object({
  number: z.string().min(1), label: z.string(), status: z.enum(['placed', 'confirmed', 'shipped', 'delivered', 'cancelled']),
  placedAt: instant, amountMinor: wholeNumber, amountCurrency: currency,
});

/** @throws AppError `db.bad-row`. */
export function toOrder(row: OrderRow): Order {
  const { amountMinor: minor, amountCurrency, ...rest } = parseRow(orderSchema, row, { table: 'orders', id: row.number });
  return { ...rest, amount: { minor, currency: amountCurrency } };
}

const taskSchema = z.object({
  id: z.string().min(1), title: z.string(), kind: z.enum(['task', 'promise', 'callback']), dueAt: instant.nullable(),
  doneAt: instant.nullable(), assigneeName: z.string().nullable(),
});

/** @param row - a task with the name of its assignee. @throws AppError `db.bad-row`. */
export const toTask = (row: unknown): Task => withoutNulls(parseRow(taskSchema, row, { table: 'tasks', id: idOf(row, 'id') }));
