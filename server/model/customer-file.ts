import type { EpochMs } from '../base/time.ts';
import type { CustomerSummary } from './customer-summary.ts';
import type { InteractionSummary } from './interaction.ts';
import type { E164 } from './phone-number.ts';

export type { CustomerSummary } from './customer-summary.ts';

/** An amount in the smallest unit of its currency (centimes of DZD): never a float. */
export interface Money {
  readonly minor: number;
  /** ISO 4217, for instance `DZD`. */
  readonly currency: string;
}

/** A contract or policy (insurance: *police*). */
export interface Contract {
  readonly number: string;
  readonly product: string;
  readonly status: 'active' | 'suspended' | 'ended';
  readonly startedAt: EpochMs;
  readonly endsAt?: EpochMs;
  readonly premium: Money;
}

/** A claim or any other request with a number of its own. */
export interface CaseSummary {
  readonly number: string;
  readonly kind: 'claim' | 'fault' | 'request' | 'complaint';
  readonly title: string;
  readonly status: 'open' | 'waiting-for-customer' | 'resolved' | 'closed';
  readonly openedAt: EpochMs;
  readonly closedAt?: EpochMs;
}

/** A bill; unpaid ones are the *créances* of the file. */
export interface Invoice {
  readonly number: string;
  readonly label: string;
  readonly amount: Money;
  readonly dueAt: EpochMs;
  readonly paidAt?: EpochMs;
}

export interface Order {
  readonly number: string;
  readonly label: string;
  readonly status: 'placed' | 'confirmed' | 'shipped' | 'delivered' | 'cancelled';
  readonly placedAt: EpochMs;
  readonly amount: Money;
}

/** A task or a promise made to the customer. */
export interface Task {
  readonly id: string;
  readonly title: string;
  readonly kind: 'task' | 'promise' | 'callback';
  readonly dueAt?: EpochMs;
  readonly doneAt?: EpochMs;
  readonly assigneeName?: string;
}

/** Everything that the screen pop shows of one customer (DOMAIN, the caller's file). */
export interface CustomerFile extends CustomerSummary {
  readonly numbers: readonly E164[];
  readonly email?: string;
  readonly address?: string;
  readonly tierReason: string;
  readonly assignedManagerName?: string;
  readonly contracts: readonly Contract[];
  readonly cases: readonly CaseSummary[];
  readonly invoices: readonly Invoice[];
  readonly orders: readonly Order[];
  readonly tasks: readonly Task[];
  readonly consent: { readonly recording: boolean; readonly marketing: boolean; readonly optedOutChannels: readonly string[] };
  readonly customFields: Readonly<Record<string, string>>;
  /** Newest first, over all channels; at most 50. */
  readonly timeline: readonly InteractionSummary[];
}
