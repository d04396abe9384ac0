import type { SipMessage } from './sip-message.ts';

/** A session description alone, or somewhere among several parts (RFC 5621 §3). */
const MAY_HOLD_SESSION = /^\s*(?:application\/sdp|multipart\/)/i;

/** Whether a message carries an offer or an answer; a body without a type is known by its first line (RFC 3261 §13.2.1). */
export const carriesSession = ({ body, headers }: SipMessage): boolean =>
  body !== '' && MAY_HOLD_SESSION.test(headers.get('content-type') ?? (body.startsWith('v=0') ? 'application/sdp' : ''));
