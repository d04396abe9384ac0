import type { Invitation } from 'sip.js';
import type { IncomingCall } from './phone-machine.ts';

/** Reads what the centre says of a call: who it is, and which pop it belongs to. */
export function toIncomingCall({ request, remoteIdentity }: Invitation): IncomingCall {
  const callId = request.getHeader('X-Allo-Call');
  const offerId = request.getHeader('X-Allo-Offer');
  const name = remoteIdentity.displayName;
  return {
    inviteId: request.callId,
    number: remoteIdentity.uri.user ?? '',
    ...(callId === undefined ? {} : { callId }),
    ...(offerId === undefined ? {} : { offerId }),
    ...(name ? { name } : {}),
  };
}
