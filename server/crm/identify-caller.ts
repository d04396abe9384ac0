import { AppError, describeError } from '../base/app-error.ts';
import { withDeadline } from '../base/deadline.ts';
import type { Milliseconds } from '../base/time.ts';
import type { CallerMatch } from '../model/caller-match.ts';
import type { TenantId } from '../model/ids.ts';
import type { CallingNumber } from '../model/phone-number.ts';
import type { CustomerDirectory } from './ports.ts';
import { rankCandidates } from './rank-candidates.ts';

/** Longest cause that is kept: it goes into the history of each such call. */
const MAX_CAUSE_LENGTH = 200;

/** Whose customer base is asked, and for which number. */
export interface CallerQuestion {
  readonly tenantId: TenantId;
  readonly calling: CallingNumber;
}

/**
 * Finds who is calling while the caller is being answered.
 * @param deadlineMs - longest wait, in milliseconds; the caller is on the line.
 * @returns `none` also for a number that could not be read; `unavailable` on a fault of the
 *   customer base or at the deadline: an outage delays no call (invariant 4). Never rejects.
 */
export async function identifyCaller(
  directory: Pick<CustomerDirectory, 'findByPhone'>,
  { tenantId, calling }: CallerQuestion,
  deadlineMs: Milliseconds,
): Promise<CallerMatch> {
  if (calling.kind === 'anonymous') return { kind: 'anonymous' };
  if (calling.kind === 'unparsable') return { kind: 'none' };
  try {
    const found = await withDeadline(deadlineMs, async (signal) => directory.findByPhone(tenantId, calling.number, signal));
    const [first, ...others] = rankCandidates(found);
    if (first === undefined) return { kind: 'none' };
    return others.length === 0 ? { kind: 'one', candidate: first } : { kind: 'several', candidates: [first, ...others] };
  } catch (cause) {
    const why = cause instanceof AppError ? cause.code : describeError(cause);
    return { kind: 'unavailable', cause: why.slice(0, MAX_CAUSE_LENGTH) };
  }
}
