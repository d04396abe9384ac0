import type { Digit } from '../../model/digit.ts';
import type { SipDialog, SipRequest, SipResponse } from '../drachtio/messages.ts';
import { ACCEPT, ALLOW } from '../headers/capabilities.ts';
import { INFO_TYPES, parseInfo } from '../headers/dtmf-info.ts';
import { sdpOf } from '../invite-facts.ts';

/** Answers an offer made within a dialog; nothing when it cannot be agreed to (488). */
export type ReofferHandler = (offer: string) => Promise<string | undefined>;

/** Where the requests of a dialog lead. */
export interface DialogHandlers {
  digit(digit: Digit): void;
  /** The handler that is set at this moment, if any. */
  reoffer(): ReofferHandler | undefined;
  onFault(cause: unknown): void;
}

/**
 * Answers everything that the far end asks within a dialog: keys by INFO, new offers, keep-alives.
 * @remarks RFC 3261 §14.2 (re-INVITE), RFC 3311 §5.2 (UPDATE), RFC 6086 (INFO).
 */
export function serveDialogRequests(dialog: SipDialog, handlers: DialogHandlers): void {
  const negotiation = new Renegotiation(dialog, handlers);
  dialog.on('modify', (request, response) => negotiation.serve(request, response));
  dialog.on('update', (request, response) => negotiation.serve(request, response));
  dialog.on('info', (request, response) => serveInfo(request, response, handlers));
  dialog.on('options', (_, response) => response.send(200, { headers: { Allow: ALLOW, Accept: ACCEPT } }));
  for (const method of ['refer', 'message', 'publish'] as const) {
    dialog.on(method, (_, response) => response.send(405, { headers: { Allow: ALLOW } }));
  }
  dialog.on('notify', (_, response) => response.send(489));
}

function serveInfo(request: SipRequest, response: SipResponse, handlers: DialogHandlers): void {
  const info = parseInfo(request.get('Content-Type'), request.body);
  switch (info.kind) {
    case 'digit':
      response.send(200);
      return handlers.digit(info.digit);
    case 'empty':
      return response.send(200);
    case 'unsupported':
      return response.send(415, { headers: { Accept: INFO_TYPES } });
    case 'malformed':
      return response.send(400);
  }
}

/** One offer at a time within a dialog. */
class Renegotiation {
  readonly #dialog: SipDialog;
  readonly #handlers: DialogHandlers;
  #isBusy = false;

  constructor(dialog: SipDialog, handlers: DialogHandlers) {
    this.#dialog = dialog;
    this.#handlers = handlers;
  }

  serve(request: SipRequest, response: SipResponse): void {
    const offer = sdpOf(request);
    if (offer === undefined) return this.#repeat(request, response);
    if (this.#isBusy) return response.send(500, { headers: { 'Retry-After': '1' } }); // §14.2: one while another is open
    this.#isBusy = true;
    this.#answer(offer, response)
      .catch((cause: unknown) => {
        this.#handlers.onFault(cause);
        response.send(500);
      })
      .finally(() => { this.#isBusy = false; });
  }

  async #answer(offer: string, response: SipResponse): Promise<void> {
    const answer = await this.#handlers.reoffer()?.(offer);
    if (answer === undefined) return response.send(488);
    this.#dialog.local.sdp = answer;
    this.#sendSdp(response);
  }

  /** A session refresh: UPDATE without SDP, or a re-INVITE whose 200 must carry an offer: what was agreed last. */
  #repeat(request: SipRequest, response: SipResponse): void {
    if (request.method === 'UPDATE') return response.send(200, { headers: this.#contact() });
    this.#sendSdp(response);
  }

  #sendSdp(response: SipResponse): void {
    response.send(200, { headers: { ...this.#contact(), 'Content-Type': 'application/sdp' }, body: this.#dialog.local.sdp });
  }

  #contact(): Record<string, string> {
    return this.#dialog.local.contact === undefined ? {} : { Contact: this.#dialog.local.contact };
  }
}
