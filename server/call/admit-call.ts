import type { EntryPoint, Trunk } from '../model/centre.ts';
import { Q850 } from '../model/termination.ts';
import type { CallServices } from './call-services.ts';
import type { InviteFacts, Refusal } from './ports.ts';

/** Whether a call from a known trunk can be served. */
export type Admission =
  | { readonly kind: 'admitted'; readonly entryPoint: EntryPoint }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly why: string };

/** How long a caller's exchange should wait before it tries again, while this node drains. */
const RETRY_AFTER_S = 30;

/**
 * Decides whether to take a call: draining, limits, the number dialled. Strangers never come
 * this far: they got 403 at the edge.
 */
export async function admitCall(
  invite: InviteFacts,
  trunk: Trunk,
  load: { readonly draining: boolean; readonly calls: number },
  services: CallServices,
): Promise<Admission> {
  if (load.draining) return refuse('draining', { status: 503, reason: 'Draining', q850: Q850.temporaryFailure, retryAfterS: RETRY_AFTER_S });
  if (load.calls > services.limits.maxCalls) {
    return refuse('too-many-calls', { status: 503, reason: 'Too Many Calls', q850: Q850.temporaryFailure, retryAfterS: RETRY_AFTER_S });
  }
  const entryPoint = await services.centre.findEntryPoint(trunk.tenantId, invite.dialled);
  return entryPoint
    ? { kind: 'admitted', entryPoint }
    : refuse('unknown-number', { status: 404, q850: Q850.unallocatedNumber });
}

const refuse = (why: string, refusal: Refusal): Admission => ({ kind: 'refused', refusal, why });
