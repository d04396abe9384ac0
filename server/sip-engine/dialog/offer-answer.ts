import { carriesSession } from '../message/carries-session.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';

/** One of the two ends of a dialog. */
export type Side = 'us' | 'peer';

/**
 * Whose offer waits for its answer in a dialog: there may be one at a time.
 * @remarks RFC 3261 §13.2.1 (INVITE), RFC 3262 §5 (PRACK), RFC 3311 §5 (UPDATE), RFC 6337 §2. What an
 *   unreliable provisional response shows is neither offer nor answer.
 */
export class OfferAnswer {
  /** The offer, and the request in whose exchange it was made. */
  #open: { readonly by: Side; readonly method: string } | undefined;
  /** Who sent an INVITE without an offer, as long as the other has made none in its place. */
  #asksForOffer: Side | undefined;

  /** Who waits for an answer. */
  get openBy(): Side | undefined {
    return this.#open?.by;
  }

  /** A request was sent or taken. */
  requested(by: Side, request: SipRequest): void {
    const { method } = request;
    const hasSession = carriesSession(request);
    const answersInvite = this.#open?.method === 'INVITE' && this.#open.by !== by;
    if (method === 'INVITE') {
      this.#open = hasSession ? { by, method } : undefined;
      this.#asksForOffer = hasSession ? undefined : by;
    } else if (method === 'ACK') {
      if (answersInvite) this.#open = undefined;
    } else if (method === 'PRACK' && hasSession) {
      this.#open = answersInvite ? undefined : { by, method };
    } else if (method === 'UPDATE' && hasSession) {
      this.#open = { by, method };
    }
  }

  /** A response was sent or taken; reliable or final, others change nothing. */
  responded(by: Side, method: string, response: SipResponse): void {
    const { status } = response;
    if (status < 200 && !response.headers.has('rseq')) return;
    const isAnswerTo = this.#open?.method === method && this.#open.by !== by;
    if (method !== 'INVITE' || status >= 300) {
      if (status >= 200 && isAnswerTo) this.#open = undefined;
      if (method === 'INVITE' && status >= 300) this.dropped(method);
      return;
    }
    const hasSession = carriesSession(response);
    if (isAnswerTo && (hasSession || status >= 200)) this.#open = undefined;
    else if (hasSession && this.#asksForOffer !== undefined && this.#asksForOffer !== by) this.#open = { by, method };
    if (hasSession || status >= 200) this.#asksForOffer = undefined;
  }

  /** The exchange of a request is over without an answer. */
  dropped(method: string): void {
    if (this.#open?.method === method) this.#open = undefined;
    if (method === 'INVITE') this.#asksForOffer = undefined;
  }
}
