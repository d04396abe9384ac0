import type { Answered } from '../digest/digest-exchange.ts';
import type { SipResponse } from '../drachtio/messages.ts';
import { parseNameAddr } from '../headers/name-addr.ts';
import { splitOutsideQuotes } from '../headers/split.ts';
import type { Reply } from './ask.ts';

/** What the answer to a REGISTER of ours means. */
export type RegisterReply =
  | {
    readonly kind: 'registered';
    readonly grantedS: number;
    /** Whom it came from: calls from there are this trunk's. */
    readonly address: string | undefined;
    /** Route of requests that we send there (RFC 3608 §5), as it came. */
    readonly serviceRoute: string | undefined;
  }
  /** 423: ask for at least so many seconds (RFC 3261 §10.2.8). */
  | { readonly kind: 'too-brief'; readonly minExpiresS: number }
  /** The registrar cannot serve now or is not there: the next one may. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly retryAfterMs?: number }
  /** It does not want this account: the others would say the same. */
  | { readonly kind: 'refused'; readonly reason: string; readonly retryAfterMs?: number };

const MAX_CONTACTS = 64;
const MAX_ROUTE_CHARS = 2_048;
const MAX_EXPIRES_S = 86_400;

/**
 * Reads the answer to a REGISTER.
 * @param answered - the last reply, and why its challenge was not answered, if it was one.
 * @param asked - our contact's line token and the seconds asked for.
 */
export function readRegisterReply({ result: reply, unanswered }: Answered<Reply>, asked: { readonly line: string; readonly expiresS: number }): RegisterReply {
  if (reply.kind === 'silence') return { kind: 'unreachable', reason: reply.reason };
  const { response } = reply;
  const { status } = response;
  if (status < 300) {
    return { kind: 'registered', grantedS: grantedSeconds(response, asked), address: response.source_address, serviceRoute: routeOf(response) };
  }
  if (unanswered !== undefined) return { kind: 'refused', reason: unanswered === 'refused' ? 'credentials-refused' : 'challenge-unsupported' };
  const minExpiresS = Number.parseInt(response.get('Min-Expires') ?? '', 10);
  if (status === 423 && minExpiresS > asked.expiresS && minExpiresS <= MAX_EXPIRES_S) return { kind: 'too-brief', minExpiresS };
  const retryAfterS = Number.parseInt(response.get('Retry-After') ?? '', 10);
  const retry = retryAfterS >= 0 ? { retryAfterMs: retryAfterS * 1000 } : {};
  // Redirections are not followed: a registrar that moved is a matter of set-up.
  const isElsewhere = status < 400 || status === 408 || status === 430 || (status >= 500 && status < 600);
  return { kind: isElsewhere ? 'unreachable' : 'refused', reason: `sip-${status}`, ...retry };
}

/** The `expires` of our own contact among all that are registered, else the Expires header, else what we asked. */
function grantedSeconds(response: SipResponse, asked: { readonly line: string; readonly expiresS: number }): number {
  const rows = splitOutsideQuotes(response.get('Contact') ?? '', ',', MAX_CONTACTS).map(parseNameAddr);
  const ours = rows.find(({ uri }) => uri.includes(`line=${asked.line}`)) ?? (rows.length === 1 ? rows[0] : undefined);
  const granted = Number.parseInt(ours?.params['expires'] ?? response.get('Expires') ?? '', 10);
  return granted >= 0 ? Math.min(granted, MAX_EXPIRES_S) : asked.expiresS;
}

function routeOf(response: SipResponse): string | undefined {
  const route = response.get('Service-Route')?.trim();
  return route !== undefined && route.length <= MAX_ROUTE_CHARS && /^<sips?:[\x20-\x7e]+$/i.test(route) ? route : undefined;
}
