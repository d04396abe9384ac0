import type { OutboundCall } from '../../call/ports.ts';
import type { TrunkPeer } from '../../model/centre.ts';
import { formatFrom } from '../headers/display-name.ts';
import type { HeaderFields } from '../headers/sip-headers.ts';

/** Who a call is from, as the trunk wants it said. */
export type CallerIdentity =
  | { readonly kind: 'shown'; readonly from: string; readonly headers: HeaderFields }
  /** The tenant may not show this number on this trunk, or has none to show. */
  | { readonly kind: 'not-allowed' };

const ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>';
const IDENTITY_HEADERS = { 'p-asserted-identity': 'P-Asserted-Identity', 'p-preferred-identity': 'P-Preferred-Identity' } as const;

/**
 * Writes From, the identity header and Privacy of a call out.
 * @remarks RFC 3261 §20.20, RFC 3325 §9.1 and §9.2, RFC 3323 §4.1. A caller who hides the number says it to the
 *   network nevertheless, where the trunk has a header for that: emergency services and billing need it. From keeps the
 *   account on trunks that want it there, for it names the customer and not the caller.
 * @param host - of our identities: the trunk's domain.
 */
export function callerIdentity(callerId: OutboundCall['callerId'], peer: TrunkPeer, host: string): CallerIdentity {
  const number = callerId.kind === 'number' ? callerId.number : peer.callerIds[0];
  const isAllowed = number === undefined ? peer.username !== undefined : peer.callerIds.includes(number);
  if (!isAllowed) return { kind: 'not-allowed' };
  const isAnonymous = callerId.kind === 'anonymous';
  const name = callerId.kind === 'number' && callerId.name !== undefined ? { name: callerId.name } : {};
  const user = number === undefined ? peer.username ?? '' : formatNumber(number, peer);
  const shown = formatFrom({ ...name, user, host });
  const account = peer.fromUser === 'account' && peer.username !== undefined ? formatFrom({ ...name, user: peer.username, host }) : undefined;
  return {
    kind: 'shown',
    from: account ?? (isAnonymous ? ANONYMOUS : shown),
    headers: {
      ...(peer.identityHeader === 'none' ? {} : { [IDENTITY_HEADERS[peer.identityHeader]]: shown }),
      ...(isAnonymous ? { Privacy: 'id' } : {}),
    },
  };
}

/** A number as the trunk knows numbers. */
export const formatNumber = (number: string, { numberFormat }: Pick<TrunkPeer, 'numberFormat'>): string =>
  (numberFormat === 'digits' ? number.replace(/^\+/, '') : number);
