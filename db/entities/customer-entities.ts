import { EntitySchema } from 'typeorm';
import { bigint, boolean, integer, key, optional, text, varchar } from './columns.ts';

/** One customer, a person or a company. Opted-out channels and free fields are JSON. */
export interface CustomerRow {
  tenantId: string;
  customerId: string;
  displayName: string;
  company: string | null;
  language: string | null;
  tier: string;
  tierReason: string;
  valueScore: number;
  churnLight: string;
  assignedManagerId: string | null;
  email: string | null;
  address: string | null;
  consentRecording: boolean;
  consentMarketing: boolean;
  optedOutChannels: string;
  customFields: string;
  /** Names folded by `foldText`, for the search. */
  searchText: string;
}

export const customerEntity = new EntitySchema<CustomerRow>({
  name: 'customer', tableName: 'customers',
  columns: {
    tenantId: key(varchar('tenant_id')), customerId: key(varchar('customer_id')),
    displayName: varchar('display_name', 255), company: optional(varchar('company', 255)),
    language: optional(varchar('language', 2)), tier: varchar('tier', 16), tierReason: text('tier_reason'),
    valueScore: integer('value_score'), churnLight: varchar('churn_light', 16),
    assignedManagerId: optional(varchar('assigned_manager_id')),
    email: optional(varchar('email', 255)), address: optional(text('address')),
    consentRecording: boolean('consent_recording'), consentMarketing: boolean('consent_marketing'),
    optedOutChannels: text('opted_out_channels'), customFields: text('custom_fields'),
    searchText: varchar('search_text', 512),
  },
});

/** A number by which a customer calls; several customers may share one. `sortOrder` 0 is the main one. */
export interface CustomerNumberRow {
  tenantId: string;
  number: string;
  customerId: string;
  sortOrder: number;
}

export const customerNumberEntity = new EntitySchema<CustomerNumberRow>({
  name: 'customer-number', tableName: 'customer_numbers',
  columns: {
    tenantId: key(varchar('tenant_id')), number: key(varchar('number', 16)), customerId: key(varchar('customer_id')),
    sortOrder: integer('sort_order'),
  },
});

export interface ContractRow {
  tenantId: string;
  number: string;
  customerId: string;
  product: string;
  status: string;
  startedAt: number;
  endsAt: number | null;
  premiumMinor: number;
  premiumCurrency: string;
}

export const contractEntity = new EntitySchema<ContractRow>({
  name: 'contract', tableName: 'contracts',
  columns: {
    tenantId: key(varchar('tenant_id')), number: key(varchar('number')), customerId: varchar('customer_id'),
    product: varchar('product', 255), status: varchar('status', 16), startedAt: bigint('started_at'),
    endsAt: optional(bigint('ends_at')), premiumMinor: bigint('premium_minor'), premiumCurrency: varchar('premium_currency', 3),
  },
});

/** A claim or another request with a number of its own. */
export interface CaseRow {
  tenantId: string;
  number: string;
  customerId: string;
  kind: string;
  title: string;
  status: string;
  openedAt: number;
  closedAt: number | null;
}

export const caseEntity = new EntitySchema<CaseRow>({
  name: 'case', tableName: 'cases',
  columns: {
    tenantId: key(varchar('tenant_id')), number: key(varchar('number')), customerId: varchar('customer_id'),
    kind: varchar('kind', 16), title: varchar('title', 255), status: varchar('status', 32),
    openedAt: bigint('opened_at'), closedAt: optional(bigint('closed_at')),
  },
});

export interface InvoiceRow {
  tenantId: string;
  number: string;
  customerId: string;
  label: string;
  amountMinor: number;
  amountCurrency: string;
  dueAt: number;
  paidAt: number | null;
}

export const invoiceEntity = new EntitySchema<InvoiceRow>({
  name: 'invoice', tableName: 'invoices',
  columns: {
    tenantId: key(varchar('tenant_id')), number: key(varchar('number')), customerId: varchar('customer_id'),
    label: varchar('label', 255), amountMinor: bigint('amount_minor'), amountCurrency: varchar('amount_currency', 3),
    dueAt: bigint('due_at'), paidAt: optional(bigint('paid_at')),
  },
});

export interface OrderRow {
  tenantId: string;
  number: string;
  customerId: string;
  label: string;
  status: string;
  placedAt: number;
  amountMinor: number;
  amountCurrency: string;
}

export const orderEntity = new EntitySchema<OrderRow>({
  name: 'order', tableName: 'orders',
  columns: {
    tenantId: key(varchar('tenant_id')), number: key(varchar('number')), customerId: varchar('customer_id'),
    label: varchar('label', 255), status: varchar('status', 16), placedAt: bigint('placed_at'),
    amountMinor: bigint('amount_minor'), amountCurrency: varchar('amount_currency', 3),
  },
});

/** A task or a promise made to a customer. */
export interface TaskRow {
  tenantId: string;
  taskId: string;
  customerId: string;
  title: string;
  kind: string;
  dueAt: number | null;
  doneAt: number | null;
  assigneeId: string | null;
}

export const taskEntity = new EntitySchema<TaskRow>({
  name: 'task', tableName: 'tasks',
  columns: {
    tenantId: key(varchar('tenant_id')), taskId: key(varchar('task_id')), customerId: varchar('customer_id'),
    title: varchar('title', 255), kind: varchar('kind', 16), dueAt: optional(bigint('due_at')),
    doneAt: optional(bigint('done_at')), assigneeId: optional(varchar('assignee_id')),
  },
});
