import type { AgentLeg } from '../../call/ports.ts';
import type { Digit } from '../../model/digit.ts';
import type { LegId } from '../../model/ids.ts';
import type { Termination } from '../../model/termination.ts';
import type { SipDialog } from '../drachtio/messages.ts';
import type { ReofferHandler } from './renegotiation.ts';
import type { ModifyOutcome } from './session-modifier.ts';
import { SipLeg, type SipLegOptions } from './sip-leg.ts';

/** The leg to an agent's softphone or, as a call out, to a customer (`farEnd`), answered. */
export class AgentSipLeg implements AgentLeg {
  readonly legId: LegId;
  readonly #leg: SipLeg;

  constructor(dialog: SipDialog, options: Omit<SipLegOptions, 'farEnd' | 'initial' | 'invite'> & Partial<Pick<SipLegOptions, 'farEnd'>>) {
    this.legId = options.legId;
    this.#leg = new SipLeg({ farEnd: 'agent', ...options, initial: { name: 'confirmed' } });
    this.#leg.attach(dialog, false);
  }

  get ended(): Promise<Termination> {
    return this.#leg.ended;
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

  /** Offers her telephone another session; see {@link SipLeg.modify}. */
  modify(offer: string): Promise<ModifyOutcome> {
    return this.#leg.modify(offer);
  }

  /** Ends the leg without a word on the wire: the SIP server is out of reach. */
  lose(): void {
    this.#leg.tell({ type: 'signalling-lost' });
  }
}
