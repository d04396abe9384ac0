import type { AnswerOutcome, InboundLeg, InviteFacts, Refusal } from '../../call/ports.ts';
import type { Digit } from '../../model/digit.ts';
import type { LegId } from '../../model/ids.ts';
import { Q850, type Termination } from '../../model/termination.ts';
import type { SipRequest, SipResponse, SipStack } from '../drachtio/messages.ts';
import { isWebSocket } from '../drachtio/web-socket.ts';
import { ALLOW } from '../headers/capabilities.ts';
import { formatReason, parseReason } from '../headers/reason.ts';
import { answerSessionTimer } from '../headers/session-timer.ts';
import { sipHeaders } from '../headers/sip-headers.ts';
import type { ReofferHandler } from './renegotiation.ts';
import type { ModifyOutcome } from './session-modifier.ts';
import { SipLeg, type SipLegOptions } from './sip-leg.ts';

/** An INVITE and what answers it. */
export interface InboundSipLegOptions extends Pick<SipLegOptions, 'legId' | 'onFault' | 'logger' | 'exchangesIn'> {
  readonly invite: InviteFacts;
  readonly stack: SipStack;
  readonly request: SipRequest;
  readonly response: SipResponse;
}

/** The caller's leg. */
export class InboundSipLeg implements InboundLeg {
  readonly legId: LegId;
  readonly invite: InviteFacts;
  readonly #leg: SipLeg;
  readonly #options: InboundSipLegOptions;

  constructor(options: InboundSipLegOptions) {
    this.legId = options.legId;
    this.invite = options.invite;
    this.#options = options;
    this.#leg = new SipLeg({
      ...options,
      farEnd: 'caller',
      initial: { name: 'trying' },
      hasSessionTimer: !isWebSocket(options.request.protocol),
      invite: { answer: (sdp) => this.#sendAnswer(sdp), refuse: (refusal) => this.#sendRefusal(refusal) },
    });
    options.request.on('cancel', (cancel) => this.#leg.tell({ type: 'cancelled', termination: cancelled(cancel?.get('Reason')) }));
  }

  get ended(): Promise<Termination> {
    return this.#leg.ended;
  }

  /** @throws AppError `base.event-refused` when it was answered before: a fault of ours. */
  async answer(localSdp: string): Promise<AnswerOutcome> {
    await this.#leg.post({ type: 'answer', sdp: localSdp });
    return this.#leg.answered;
  }

  /** @throws AppError `base.event-refused` after the answer: hang up instead. */
  async refuse(refusal: Refusal): Promise<void> {
    await this.#leg.post({ type: 'refuse', refusal });
  }

  async hangUp(termination: Termination): Promise<void> {
    await this.#leg.post({ type: 'hang-up', termination });
  }

  onDigit(listener: (digit: Digit) => void): () => void {
    return this.#leg.onDigit(listener);
  }

  onReoffer(handler: ReofferHandler): void {
    this.#leg.onReoffer(handler);
  }

  /** Offers the caller another session; see {@link SipLeg.modify}. */
  modify(offer: string): Promise<ModifyOutcome> {
    return this.#leg.modify(offer);
  }

  /** Ends the leg without a word on the wire: the SIP server is out of reach. */
  lose(): void {
    this.#leg.tell({ type: 'signalling-lost' });
  }

  #sendAnswer(sdp: string): void {
    const { stack, request, response, invite } = this.#options;
    const headers = sipHeaders({ Allow: ALLOW, 'Content-Type': 'application/sdp', ...answerSessionTimer(request) });
    stack.createUAS(request, response, { localSdp: sdp, headers }, (error, dialog) => {
      if (dialog) this.#leg.attach(dialog, invite.sdp === undefined);
      else this.#leg.tell({ type: 'answer-failed', termination: answerFailed(error) });
    });
  }

  #sendRefusal(refusal: Refusal): void {
    const reason = formatReason({ reason: refusal.reason ?? '', ...(refusal.q850 === undefined ? {} : { q850: refusal.q850 }) });
    const headers = sipHeaders({ Reason: reason, 'Retry-After': refusal.retryAfterS === undefined ? undefined : String(refusal.retryAfterS) });
    try {
      this.#options.response.send(refusal.status, { headers });
    } catch (cause) {
      this.#options.response.send(500, { headers }); // The library knows no such status; the caller must not wait for ever.
      throw cause;
    }
  }
}

/** RFC 3261 §9.2: the server has answered the INVITE with 487. */
function cancelled(reason: string | undefined): Termination {
  const told = parseReason(reason);
  return { result: 'caller', reason: 'cancelled', sipStatus: 487, q850: told.q850 ?? Q850.normalClearing };
}

/** A CANCEL that crossed our 200: the server has no transaction left to send it in. */
function answerFailed(error: unknown): Termination {
  const text = error instanceof Error ? error.message : String(error);
  return /transaction|cancel|terminated/i.test(text)
    ? cancelled(undefined)
    : { result: 'failed', reason: 'answer-not-sent', q850: Q850.temporaryFailure };
}
