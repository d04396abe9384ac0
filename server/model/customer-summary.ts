import type { EpochMs } from '../base/time.ts';
import type { CustomerId, UserId } from './ids.ts';
import type { Language } from './language.ts';
import type { ChurnLight, Tier } from './value.ts';

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
