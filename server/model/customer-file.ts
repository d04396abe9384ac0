import type { EpochMs } from '../base/time.ts';
import type { CustomerId, UserId } from './ids.ts';
import type { InteractionSummary } from './interaction.ts';
import type { Language } from './language.ts';
import type { E164 } from './phone-number.ts';
import type { ChurnLight, Tier } from './value.ts';

/** An amount in the smallest unit of its currency (centimes of DZD): never a float. */
export interface Money {
  readonly minor: number;
  /** ISO 4217, for instance `DZD`. */
  readonly currency: string;
}

/** What identification needs of a customer: enough to rank, to greet, and to route. */
export interface CustomerSummary {
  readonly customerId: CustomerId;
  readonly displayName: string;
  readonly company?: string;
  readonly language?: Language;
  readonly tier: Tier;
  /** 0 to 100, by the value policy. */
  readonly valueScore: number;
  readonly churnLight: ChurnLight;
  readonly assignedManagerId?: UserId;
  readonly lastContactAt?: EpochMs;
  readonly hasOpenCase: boolean;
  readonly hasActiveContract: boolean;
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
