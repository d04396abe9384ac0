import { param, splitList } from '../message/header-values.ts';
import type { Headers, SipRequest, SipResponse } from '../message/sip-message.ts';
import { hasOption } from './reliable-provisionals.ts';

/** RFC 4028 §4: no session may have to be refreshed more often, in seconds. */
export const MIN_SESSION_S = 90;

/** A Session-Expires value. */
export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: 'uac' | 'uas' | undefined;
}

/** What both sides agreed on. */
export interface SessionAgreement {
  readonly seconds: number;
  /** Whether we have to refresh; else we wait for the peer's refresh. */
  readonly isOurs: boolean;
}

/** Reads Session-Expires; undefined when there is none that makes sense. */
export function sessionExpires(headers: Headers): SessionExpires | undefined {
  const found = /^\s*(\d{1,9})\s*((?:;.*)?)$/.exec(headers.get('session-expires') ?? '');
  if (found === null) return undefined;
  const refresher = param(found[2] ?? '', 'refresher')?.toLowerCase();
  return { seconds: Number(found[1]), refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

/** Whether the interval that a caller asks for is too small: 422 (RFC 4028 §9). */
export const isTooShort = (headers: Headers): boolean => (sessionExpires(headers)?.seconds ?? MIN_SESSION_S) < MIN_SESSION_S;

/**
 * Agrees on a session timer with the sender of an INVITE or UPDATE, and says so in the 2xx.
 * @param response - gets Session-Expires and Require; what the application wrote there is kept.
 * @returns undefined when neither side wants one.
 * @remarks RFC 4028 §9, table 2: the caller refreshes when it can, else we do.
 */
export function agreeAsServer(request: SipRequest, response: SipResponse): SessionAgreement | undefined {
  const own = sessionExpires(response.headers);
  const wanted = own ?? sessionExpires(request.headers);
  if (wanted === undefined) return undefined;
  const callerCan = hasOption(request.headers, 'supported', 'timer') || hasOption(request.headers, 'require', 'timer');
  const refresher = callerCan ? (own?.refresher ?? wanted.refresher ?? 'uac') : 'uas';
  response.headers.remove('session-expires');
  response.headers.add('Session-Expires', `${wanted.seconds};refresher=${refresher}`);
  if (refresher === 'uac' && !hasOption(response.headers, 'require', 'timer')) {
    const others = response.headers.all('require').flatMap(splitList);
    response.headers.remove('require');
    response.headers.add('Require', [...others, 'timer'].join(', '));
  }
  return { seconds: wanted.seconds, isOurs: refresher === 'uas' };
}

/** What a 2xx to our INVITE or UPDATE says (RFC 4028 §7.2); undefined when it has no session timer. */
export function agreedAsClient(response: SipResponse): SessionAgreement | undefined {
  const said = sessionExpires(response.headers);
  return said === undefined ? undefined : { seconds: said.seconds, isOurs: said.refresher !== 'uas' };
}
