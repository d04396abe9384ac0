import type { OutboundOutcome } from '../../call/ports.ts';
import { Q850 } from '../../model/termination.ts';
import { q850ForStatus } from '../leg/q850-for-status.ts';

/** Responses that say nothing of the person called, only that this target cannot serve (RFC 3263 §4.3, RFC 5626 §11.5). */
const TARGET_LOST: ReadonlySet<number> = new Set([408, 430, 503]);
/** Busy here, busy everywhere. */
const BUSY: ReadonlySet<number> = new Set([486, 600]);
/** Unauthorised for this call, unknown, gone, wrong number, declined, unwanted (RFC 8197). */
const REJECTED: ReadonlySet<number> = new Set([402, 403, 404, 410, 433, 484, 485, 603, 604, 607, 608]);
/** ITU-T Q.850: no user responding, no answer, subscriber absent. */
const NO_ANSWER_CAUSES: ReadonlySet<number> = new Set([18, 19, 20]);
/** Unallocated number, no route to destination, call rejected, number changed, invalid number. */
const REJECTED_CAUSES: ReadonlySet<number> = new Set([1, 3, 21, 22, 28]);

/** Whether the next target of the trunk may be tried. */
export const isTargetLost = (sipStatus: number, hasRung: boolean): boolean => !hasRung && TARGET_LOST.has(sipStatus);

/**
 * What a final response to a call out means.
 * @remarks The Q.850 cause of a Reason header (RFC 3326, RFC 6432) comes from the network behind the gateway and knows
 *   better than the status; without one it is made of the status (RFC 3398 §8.2.6.1). A redirection is not followed
 *   (RFC 3261 §8.1.3.4 leaves it to us): where calls go, and at whose cost, is a matter of set-up.
 * @param refusal - status, the cause that it named, and whether it had rung.
 */
export function refusedCall(refusal: { readonly sipStatus: number; readonly q850?: number | undefined; readonly hasRung: boolean }): OutboundOutcome {
  const { sipStatus, q850: told, hasRung } = refusal;
  const q850 = told ?? q850ForStatus(sipStatus);
  if (told === Q850.userBusy || (BUSY.has(sipStatus) && told === undefined)) return { kind: 'busy', sipStatus, q850 };
  if ((told !== undefined && NO_ANSWER_CAUSES.has(told)) || sipStatus === 480 || (hasRung && (sipStatus === 408 || sipStatus === 487))) {
    return { kind: 'no-answer', sipStatus, q850 };
  }
  if ((told !== undefined && REJECTED_CAUSES.has(told)) || REJECTED.has(sipStatus)) return { kind: 'rejected', sipStatus, q850 };
  if (BUSY.has(sipStatus)) return { kind: 'busy', sipStatus, q850 };
  return { kind: 'failed', reason: sipStatus >= 300 && sipStatus < 400 ? 'redirected' : `sip-${sipStatus}`, sipStatus, q850 };
}
