import { carriesSession } from '../message/carries-session.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { Dialog } from './dialog.ts';

/** Why a request that changes the session has to wait: for an answer that the peer owes, or for one that we owe. */
export type Glare = 'peer-owes' | 'we-owe';

/**
 * Whether a re-INVITE or UPDATE comes while another is open.
 * @returns undefined when it may proceed.
 * @remarks RFC 3261 §14.1 and §14.2, RFC 3311 §5.1 and §5.2, RFC 6337 §4.
 */
export function glareOf(dialog: Dialog, request: SipRequest): Glare | undefined {
  const { openBy } = dialog.offers;
  if (request.method === 'INVITE') {
    if (dialog.hasClientInvite || openBy === 'us') return 'peer-owes';
    return dialog.hasServerInvite || openBy === 'peer' ? 'we-owe' : undefined;
  }
  if (request.method !== 'UPDATE' || !carriesSession(request) || openBy === undefined) return undefined;
  return openBy === 'us' ? 'peer-owes' : 'we-owe';
}
