import { Q850, type Termination } from '../../model/termination.ts';
import type { SipRequest } from '../drachtio/messages.ts';
import { parseReason } from '../headers/reason.ts';
import type { LegEvent } from './leg-machine.ts';

/** RFC 3261 §13.3.1.4: a 200 without an ACK ends the dialog. */
export const ACK_TIMEOUT: Termination = { result: 'failed', reason: 'ack-timeout', sipStatus: 408, q850: Q850.recoveryOnTimerExpiry };

/** RFC 4028 §10: the far end no longer refreshed the session. */
const SESSION_EXPIRED: Termination = { result: 'failed', reason: 'session-expired', q850: Q850.recoveryOnTimerExpiry };

/** RFC 3261 §12.2.1.2: the far end does not know the dialog, or does not answer within it. */
export const DIALOG_LOST: Termination = { result: 'failed', reason: 'dialog-lost', q850: Q850.recoveryOnTimerExpiry };

/**
 * What a BYE means.
 * @remarks RFC 3326; without a Reason the call is cleared normally (RFC 3398 §7.2.4.4). The server makes one itself
 *   when an ACK is lost, or when a session timer runs out.
 * @param at - whose telephone is at the far end, and whether our 200 was acknowledged, or theirs is.
 */
export function endingOf(bye: Pick<SipRequest, 'source' | 'get'>, at: { readonly farEnd: 'caller' | 'agent'; readonly isAcknowledged: boolean }): LegEvent {
  if (bye.source === 'application') return { type: 'server-bye', termination: at.isAcknowledged ? SESSION_EXPIRED : ACK_TIMEOUT };
  const told = parseReason(bye.get('Reason'));
  return {
    type: 'bye',
    termination: {
      result: at.farEnd,
      reason: `${at.farEnd}-hung-up`,
      q850: told.q850 ?? Q850.normalClearing,
      ...(told.sipStatus === undefined ? {} : { sipStatus: told.sipStatus }),
    },
  };
}
