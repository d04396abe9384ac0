import type { SipPrincipal } from '../access/ports.ts';
import type { EpochMs } from '../base/time.ts';
import type { InviteFacts } from '../call/ports.ts';
import type { TrunkId } from '../model/ids.ts';
import type { SipRequest } from './drachtio/messages.ts';
import { parseNameAddr } from './headers/name-addr.ts';
import { parseAddress } from './headers/sip-uri.ts';
import { splitOutsideQuotes } from './headers/split.ts';

const MAX_ASSERTED = 4;
const MAX_PRIVACY_TOKENS = 8;
const MAX_CALL_ID_CHARS = 256;

/** What is known of the sender of an INVITE. */
export interface InviteOrigin {
  /** Who registered over the flow that it came by. */
  readonly principal?: SipPrincipal | undefined;
  /** By whose registration of ours it came, and the account that our contact there is named after. */
  readonly trunk?: { readonly trunkId: TrunkId; readonly account: string } | undefined;
}

/**
 * What an INVITE says, for the call layer: scalars, bounded and decoded.
 * @remarks P-Asserted-Identity and Privacy: RFC 3325 §9.1, RFC 3323 §4.2. Whether the asserted identity is
 *   believed is the trunk's matter, not decided here.
 * @param receivedAt - the wall clock as the INVITE came in.
 * @returns facts even for headers that cannot be read: empty strings. Never throws.
 */
export function readInvite(request: SipRequest, receivedAt: EpochMs, { principal, trunk }: InviteOrigin = {}): InviteFacts {
  const from = parseAddress(parseNameAddr(request.get('From') ?? '').uri);
  const sdp = sdpOf(request);
  return {
    sipCallId: (request.get('Call-ID') ?? '').slice(0, MAX_CALL_ID_CHARS),
    receivedAt,
    dialled: dialledNumber(request, trunk?.account),
    fromUser: from.user,
    fromHost: from.host,
    assertedUsers: splitOutsideQuotes(request.get('P-Asserted-Identity') ?? '', ',', MAX_ASSERTED)
      .map((identity) => parseAddress(parseNameAddr(identity).uri).user)
      .filter((user) => user !== ''),
    privacy: splitOutsideQuotes((request.get('Privacy') ?? '').replaceAll(',', ';'), ';', MAX_PRIVACY_TOKENS)
      .map((token) => token.toLowerCase()),
    sourceAddress: request.source_address,
    sourcePort: request.source_port,
    transport: request.protocol.toLowerCase(),
    ...(sdp === undefined ? {} : { sdp }),
    ...(principal === undefined ? {} : { principal }),
    ...(trunk === undefined ? {} : { trunkId: trunk.trunkId }),
  };
}

/**
 * The number dialled: the user of the Request-URI; of To, where a registrar has put our contact into the Request-URI.
 * @remarks RFC 3261 §16.5; P-Called-Party-ID (RFC 7315 §4.2) is the better witness where there is one.
 */
function dialledNumber(request: SipRequest, account: string | undefined): string {
  const { user } = parseAddress(request.uri);
  if (user !== account) return user;
  const called = parseAddress(parseNameAddr(request.get('P-Called-Party-ID') ?? request.get('To') ?? '').uri).user;
  return called === '' ? user : called;
}

/**
 * The session description of a message, alone or as one part of a multipart body (RFC 5621 §3).
 * @returns nothing for a message without one, an INVITE with a late offer for instance.
 */
export function sdpOf(message: Pick<SipRequest, 'payload'>): string | undefined {
  const part = message.payload.find(({ type }) => /^\s*application\/sdp\s*(;|$)/i.test(type ?? ''));
  return part?.content === undefined || part.content.trim() === '' ? undefined : part.content;
}
