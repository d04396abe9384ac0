import type { Logger } from 'pino';
import { MachineRunner } from '../../base/machine.ts';
import type { AnswerOutcome, Refusal } from '../../call/ports.ts';
import type { Digit } from '../../model/digit.ts';
import type { LegId } from '../../model/ids.ts';
import type { Termination } from '../../model/termination.ts';
import type { SipDialog } from '../drachtio/messages.ts';
import { formatReason } from '../headers/reason.ts';
import { Settlement } from '../settlement.ts';
import { serveDialogRequests } from './dialog-requests.ts';
import { hangUpDialog, type Exchanges } from './in-dialog-request.ts';
import { ACK_TIMEOUT, DIALOG_LOST, endingOf } from './leg-endings.ts';
import { LEG_RULES, type LegCommand, type LegEvent, type LegState } from './leg-machine.ts';
import { Renegotiation, type ReofferHandler } from './renegotiation.ts';
import { SessionModifier, type ModifyOutcome } from './session-modifier.ts';

/** What a leg is made of. */
export interface SipLegOptions {
  readonly legId: LegId;
  /** Whose telephone is at the far end: what its BYE is recorded as. */
  readonly farEnd: 'caller' | 'agent';
  /** `trying` for an INVITE received, `confirmed` for one that was answered by the far end. */
  readonly initial: LegState;
  /** Sends the responses of an INVITE received; a leg that starts `confirmed` is never asked to. */
  readonly invite?: InviteResponder;
  /** What proves who we are to a trunk that asks within the dialog; nothing for telephones of ours. */
  readonly exchangesIn?: ((dialog: SipDialog) => Exchanges) | undefined;
  /** Whether offers of ours ask for a session timer (RFC 4028); not towards browsers. Default false. */
  readonly hasSessionTimer?: boolean;
  readonly onFault: (cause: unknown) => void;
  readonly logger?: Logger | undefined;
}

/** How a leg answers or refuses the INVITE that it was made for. */
export interface InviteResponder {
  answer(sdp: string): void;
  refuse(refusal: Refusal): void;
}

/** An answered leg's dialog, and what speaks in it. */
interface Established {
  readonly dialog: SipDialog;
  readonly renegotiation: Renegotiation;
  readonly exchanges: Exchanges;
}

/** Timer H of RFC 3261 §17.2.1 is 32 s; a server that says nothing for longer has forgotten the call. */
const ACK_GUARD_MS = 40_000;

/** A leg between its SIP dialog and its machine; inbound and agent legs are made of one. */
export class SipLeg {
  readonly legId: LegId;
  readonly #options: SipLegOptions;
  readonly #runner: MachineRunner<LegState, LegEvent, LegCommand>;
  readonly #over = new AbortController();
  readonly #ended = new Settlement<Termination>();
  readonly #answered = new Settlement<AnswerOutcome>();
  readonly #digitListeners = new Set<(digit: Digit) => void>();
  #reoffer: ReofferHandler | undefined;
  #dialog: Established | undefined;
  /** Most legs never offer anything. */
  #modifier: SessionModifier | undefined;
  #ackGuard: NodeJS.Timeout | undefined;

  constructor(options: SipLegOptions) {
    this.legId = options.legId;
    this.#options = options;
    this.#runner = new MachineRunner(LEG_RULES, options.initial, {
      execute: (command) => this.#execute(command),
      onTransition: (from, to, event) => this.#onTransition(from, to, event),
      onFault: (cause) => options.onFault(cause),
    });
  }

  get ended(): Promise<Termination> {
    return this.#ended.promise;
  }

  /** Resolves once the answer is acknowledged, or the leg is over. */
  get answered(): Promise<AnswerOutcome> {
    return this.#answered.promise;
  }

  /** @throws AppError `base.event-refused` for a wish that this state does not allow. */
  async post(event: LegEvent): Promise<void> {
    await this.#runner.post(event);
  }

  /** Posts news from the network; the table refuses none. */
  tell(event: LegEvent): void {
    this.#runner.post(event).catch((cause: unknown) => this.#options.onFault(cause));
  }

  /** Takes over the dialog, in the same turn of the loop in which it was made: a BYE may be right behind it. */
  attach(dialog: SipDialog, isLateOffer: boolean): void {
    const { onFault, exchangesIn } = this.#options;
    const renegotiation = new Renegotiation(dialog, { reoffer: () => this.#reoffer, onFault });
    this.#dialog = { dialog, renegotiation, exchanges: exchangesIn?.(dialog) };
    dialog.on('ack', (ack) => this.tell(isLateOffer && ack.body.trim() !== '' ? { type: 'acked', sdp: ack.body } : { type: 'acked' }));
    dialog.on('destroy', (bye) => this.tell(endingOf(bye, { farEnd: this.#options.farEnd, isAcknowledged: this.#runner.state.name === 'confirmed' })));
    serveDialogRequests(dialog, { digit: (digit) => this.#hear(digit), renegotiation });
  }

  /**
   * Offers the far end another session: a new address, another codec, hold.
   * @returns `failed` before the leg is confirmed: the session is still being agreed on.
   * @throws AppError `sip.unsafe-header`.
   */
  async modify(offer: string): Promise<ModifyOutcome> {
    const { name } = this.#runner.state;
    if (name === 'ended') return { kind: 'gone' };
    if (name !== 'confirmed' || this.#dialog === undefined) return { kind: 'failed', reason: 'not-confirmed' };
    const { hasSessionTimer = false } = this.#options;
    this.#modifier ??= new SessionModifier({ ...this.#dialog, hasSessionTimer, over: this.#over.signal });
    return this.#modifier.modify(offer, () => this.tell({ type: 'hang-up', termination: DIALOG_LOST }));
  }

  onDigit(listener: (digit: Digit) => void): () => void {
    this.#digitListeners.add(listener);
    return () => void this.#digitListeners.delete(listener);
  }

  onReoffer(handler: ReofferHandler): void {
    this.#reoffer = handler;
  }

  #execute(command: LegCommand): void {
    switch (command.type) {
      case 'send-answer':
        return this.#options.invite?.answer(command.sdp);
      case 'send-refusal':
        return this.#options.invite?.refuse(command.refusal);
      case 'send-bye':
        return this.#sendBye(command.termination);
      case 'settle-answer':
        return this.#answered.settle(command.outcome);
      case 'settle-ended':
        this.#over.abort();
        return this.#ended.settle(command.termination);
    }
  }

  /** Not waited for: the far end may be gone, and the call is over either way. */
  #sendBye(termination: Termination): void {
    if (this.#dialog === undefined) return;
    const { dialog, exchanges } = this.#dialog;
    const { onFault, logger } = this.#options;
    hangUpDialog(dialog, formatReason(termination), exchanges).then((reply) => {
      const how = reply.kind === 'unsent' ? { error: reply.reason } : { sipStatus: reply.response.status };
      if (reply.kind === 'unsent' || reply.response.status >= 300) logger?.debug({ legId: this.legId, ...how }, 'BYE not taken');
    }).catch(onFault);
  }

  #hear(digit: Digit): void {
    for (const listener of [...this.#digitListeners]) listener(digit);
  }

  #onTransition(from: LegState, to: LegState, event: LegEvent): void {
    if (from.name === to.name) return;
    clearTimeout(this.#ackGuard);
    if (to.name === 'answering') this.#ackGuard = setTimeout(() => this.#giveUpOnAck(), ACK_GUARD_MS);
    this.#options.logger?.info(
      { legId: this.legId, from: from.name, to: to.name, event: event.type, ...(to.name === 'ended' ? { termination: to.termination } : {}) },
      'leg',
    );
  }

  #giveUpOnAck(): void {
    this.#sendBye(ACK_TIMEOUT);
    this.tell({ type: 'server-bye', termination: ACK_TIMEOUT });
  }
}
