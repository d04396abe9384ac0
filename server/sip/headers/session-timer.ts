import type { SipRequest } from '../drachtio/messages.ts';
import { optionTags } from './option-tags.ts';
import type { HeaderFields } from './sip-headers.ts';

/**
 * How long a session may go without a sign of life, seconds.
 * @remarks RFC 4028 §4 recommends half an hour. It bounds how long a line stays taken by a caller whose network is
 *   gone without BYE; media finds out much sooner where media flows, which it need not on hold and in queues.
 */
export const SESSION_EXPIRES_S = 1_800;

/** No session may have to be refreshed more often, seconds (RFC 4028 §4). */
export const MIN_SESSION_S = 90;

/** Longest interval that a peer may raise ours to, seconds: more is no timer. */
const MAX_SESSION_S = 86_400;

/**
 * What an INVITE of ours asks for.
 * @remarks RFC 4028 §7.1. The far end is to refresh: the server refreshes without credentials, and a trunk that
 *   challenges would end up with a session that nobody keeps alive.
 */
export const askForSessionTimer = (seconds = SESSION_EXPIRES_S): HeaderFields => ({ Supported: 'timer', 'Session-Expires': `${seconds};refresher=uas` });

/**
 * The interval to ask for after a 422 (RFC 4028 §7.3).
 * @param asked - the one that was too small, seconds.
 * @returns nothing when its Min-SE makes no sense, or is not larger.
 */
export function longerSession(minSe: string | undefined, asked: number): number | undefined {
  const least = Number(/^\s*(\d{1,9})\s*(?:;.*)?$/.exec(minSe ?? '')?.[1] ?? NaN);
  return least > asked && least <= MAX_SESSION_S ? least : undefined;
}

/**
 * What a 2xx of ours to an INVITE or UPDATE says.
 * @remarks RFC 4028 §9: who supports timers gets one, also without asking, and refreshes unless it wants us to; a
 *   longer interval than ours is shortened, not below its Min-SE. Who does not support them, as browsers do not, gets
 *   one only if a proxy on the way asks, and we refresh.
 */
export function answerSessionTimer(request: Pick<SipRequest, 'get'>): HeaderFields {
  const isSupported = [...optionTags(request.get('Supported')), ...optionTags(request.get('Require'))].includes('timer');
  const asked = /^\s*(\d{1,9})\s*((?:;.*)?)$/.exec(request.get('Session-Expires') ?? '');
  if (asked === null && !isSupported) return {};
  const minSe = longerSession(request.get('Min-SE'), MIN_SESSION_S) ?? MIN_SESSION_S;
  const seconds = Math.max(Math.min(Number(asked?.[1] ?? SESSION_EXPIRES_S), SESSION_EXPIRES_S), minSe);
  const wantsUs = /;\s*refresher\s*=\s*uas\b/i.test(asked?.[2] ?? '');
  return isSupported && !wantsUs
    ? { Require: 'timer', 'Session-Expires': `${seconds};refresher=uac` }
    : { 'Session-Expires': `${seconds};refresher=uas` };
}
