import { parseNameAddr } from '../headers/name-addr.ts';
import { splitOutsideQuotes } from '../headers/split.ts';
import type { SipDialog } from './messages.ts';

const MAX_ROUTES = 32;

/** Where the requests of a dialog go first, and who is there. */
export interface DialogWay {
  /** URI of the next hop. */
  readonly nextHop: string;
  /** Address that the INVITE came from, or its answer; empty when that is not known. */
  readonly peerAddress: string;
}

/**
 * Says which way requests of ours leave in a dialog.
 * @remarks RFC 3261 §12.1.1 and §12.1.2: the first Record-Route of an INVITE received, the last of an answer received;
 *   without any the peer's Contact.
 */
export function wayOf({ type, req, res, remote }: SipDialog): DialogWay {
  const begun = type === 'uas' ? req : res;
  const routes = splitOutsideQuotes(begun.get('Record-Route') ?? '', ',', MAX_ROUTES);
  const first = type === 'uas' ? routes[0] : routes.at(-1);
  return { nextHop: first === undefined ? remote.uri : parseNameAddr(first).uri, peerAddress: begun.source_address ?? '' };
}
