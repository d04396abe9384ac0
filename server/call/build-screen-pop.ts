import { withDeadline } from '../base/deadline.ts';
import type { Clock, EpochMs, Milliseconds } from '../base/time.ts';
import type { CallerMatch } from '../model/caller-match.ts';
import { likeliest } from '../model/caller-match.ts';
import type { Queue } from '../model/centre.ts';
import type { CustomerFile } from '../model/customer-file.ts';
import type { Offer } from '../model/routing.ts';
import type { ScreenPop } from '../model/screen-pop.ts';
import type { CustomerDirectory } from '../crm/ports.ts';
import type { LiveCall } from './live-call.ts';

/** Loads the file of the likeliest caller, or nothing: a slow CRM delays no call. Never rejects. */
export async function loadFileInTime(
  directory: CustomerDirectory,
  call: LiveCall,
  match: CallerMatch,
  options: { readonly deadlineMs: Milliseconds; readonly onFault: (cause: unknown, what: string) => void },
): Promise<CustomerFile | undefined> {
  const customer = likeliest(match);
  if (!customer) return undefined;
  try {
    return await withDeadline(options.deadlineMs, (signal) => directory.loadFile(call.tenantId, customer.customerId, signal));
  } catch (cause) {
    options.onFault(cause, 'loading the caller\'s file');
    return undefined;
  }
}

export interface ScreenPopParts {
  readonly call: LiveCall;
  readonly match: CallerMatch;
  readonly file: CustomerFile | undefined;
  readonly offer: Offer;
  readonly queue: Queue;
  readonly enqueuedAt: EpochMs;
  readonly clock: Clock;
}

/** Puts together what the agent sees before her softphone rings. */
export function buildScreenPop({ call, match, file, offer, queue, enqueuedAt, clock }: ScreenPopParts): ScreenPop {
  return {
    offerId: offer.offerId,
    callId: call.callId,
    calling: call.calling,
    match,
    ...(file ? { file } : {}),
    language: call.language,
    ...(call.intent === undefined ? {} : { intent: call.intent }),
    ivrPath: call.ivrPath,
    queueName: queue.name,
    enqueuedAt,
    waitedMs: clock() - enqueuedAt,
    receipt: offer.receipt,
    ringTimeoutMs: queue.policy.ringTimeoutMs,
  };
}
