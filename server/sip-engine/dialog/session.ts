import type { SipResponse } from '../message/sip-message.ts';
import type { SessionAgreement } from './session-expires.ts';
import { waitAfterGlare } from './wait-after-glare.ts';

/** A session that ends unless it is refreshed (RFC 4028). */
export interface Session {
  readonly agreement: SessionAgreement;
  /** Our side as it stands, for a refresh by re-INVITE; empty when we do not refresh, or the peer takes UPDATE. */
  readonly localSdp: string;
  /** The Min-SE of a 422 (RFC 4028 §7.3); absent before there was one. */
  readonly minSeconds?: number;
  /** When it is given up, on the clock of `Date.now()`. */
  readonly endsAt: number;
}

/** How long before its end a session is given up, in seconds (RFC 4028 §10). */
export const marginOf = (seconds: number): number => Math.min(32, seconds / 3);

/** What follows a refusal of our refresh. */
export type RefreshVerdict =
  /** The peer knows no such dialog any more, or answers nothing. */
  | { readonly kind: 'over' }
  /** The same again after a while, and with a longer interval when the peer wants one. */
  | { readonly kind: 'again'; readonly afterMs: number; readonly minSeconds?: number };

/**
 * What to do after a final response to our refresh that is no 2xx.
 * @param leftMs - what is left until the session is given up.
 * @param random - in [0, 1).
 * @remarks RFC 4028 §7.3 (422) and §10; RFC 3261 §12.2.1.2 (408, 481), §14.1 (491), §20.33 (Retry-After).
 */
export function afterRefusal({ status, headers }: SipResponse, { ownsCallId, leftMs, random }: { ownsCallId: boolean; leftMs: number; random: number }): RefreshVerdict {
  if (status === 408 || status === 481) return { kind: 'over' };
  if (status === 491) return { kind: 'again', afterMs: waitAfterGlare(ownsCallId, random) };
  if (status === 422) {
    const minSeconds = Number.parseInt(headers.get('min-se') ?? '', 10);
    return Number.isNaN(minSeconds) ? { kind: 'over' } : { kind: 'again', afterMs: 0, minSeconds };
  }
  const retryAfterS = Number.parseInt(headers.get('retry-after') ?? '', 10);
  return { kind: 'again', afterMs: Number.isNaN(retryAfterS) ? Math.max(1_000, leftMs / 2) : retryAfterS * 1_000 };
}
