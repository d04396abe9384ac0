import type { SipDialog, SipRequest, SipResponse } from '../drachtio/messages.ts';
import { parseNameAddr } from '../headers/name-addr.ts';
import { answerSessionTimer } from '../headers/session-timer.ts';
import { sipHeaders, type HeaderFields } from '../headers/sip-headers.ts';
import { sdpOf } from '../invite-facts.ts';

/** Answers an offer made within a dialog; nothing when it cannot be agreed to (488). */
export type ReofferHandler = (offer: string) => Promise<string | undefined>;

/** Who answers the offers of the far end. */
export interface RenegotiationHandlers {
  /** The handler that is set at this moment, if any. */
  reoffer(): ReofferHandler | undefined;
  onFault(cause: unknown): void;
}

/**
 * The offers of the far end within a dialog, one at a time, and never while one of ours is open.
 * @remarks RFC 3261 §14.2 (re-INVITE), RFC 3311 §5.2 (UPDATE), RFC 4028 §9 (each may refresh the session).
 */
export class Renegotiation {
  readonly #dialog: SipDialog;
  readonly #handlers: RenegotiationHandlers;
  #isAnswering = false;
  #isOffering = false;

  constructor(dialog: SipDialog, handlers: RenegotiationHandlers) {
    this.#dialog = dialog;
    this.#handlers = handlers;
  }

  /** Answers a re-INVITE or an UPDATE. */
  serve(request: SipRequest, response: SipResponse): void {
    this.#serve(request, response).catch((cause: unknown) => {
      this.#handlers.onFault(cause);
      response.send(500);
    });
  }

  /**
   * Makes an offer of ours, while which those of the far end get 491.
   * @returns `glare` when one of the far end is being answered.
   */
  async offer<T>(send: () => Promise<T>): Promise<T | 'glare'> {
    if (this.#isAnswering || this.#isOffering) return 'glare';
    this.#isOffering = true;
    try {
      return await send();
    } finally {
      this.#isOffering = false;
    }
  }

  async #serve(request: SipRequest, response: SipResponse): Promise<void> {
    this.#followTarget(request);
    const offer = sdpOf(request);
    if (offer === undefined) return this.#repeat(request, response);
    if (this.#isOffering) return response.send(491); // RFC 3311 §5.2: offers that cross
    if (this.#isAnswering) return response.send(500, { headers: sipHeaders({ 'Retry-After': '1' }) }); // §14.2: one while another is open
    this.#isAnswering = true;
    try {
      const answer = await this.#handlers.reoffer()?.(offer);
      if (answer === undefined) return response.send(488);
      this.#dialog.local.sdp = answer;
      this.#sendSdp(request, response);
    } finally {
      this.#isAnswering = false;
    }
  }

  /** A session refresh: UPDATE without SDP, or a re-INVITE whose 200 must carry an offer: what was agreed last. */
  #repeat(request: SipRequest, response: SipResponse): void {
    if (request.method === 'UPDATE') return response.send(200, { headers: sipHeaders(this.#success(request)) });
    this.#sendSdp(request, response);
  }

  #sendSdp(request: SipRequest, response: SipResponse): void {
    response.send(200, { headers: sipHeaders({ ...this.#success(request), 'Content-Type': 'application/sdp' }), body: this.#dialog.local.sdp });
  }

  #success(request: SipRequest): HeaderFields {
    return { Contact: this.#dialog.local.contact, ...answerSessionTimer(request) };
  }

  /** RFC 3261 §12.2.2: both refresh the target, which digests of ours name. */
  #followTarget(request: SipRequest): void {
    const { uri } = parseNameAddr(request.get('Contact') ?? '');
    if (uri !== '') this.#dialog.remote.uri = uri;
  }
}
