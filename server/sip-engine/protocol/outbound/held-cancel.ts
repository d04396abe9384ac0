import type { Header, SipRequest } from '../../message/sip-message.ts';
import type { ClientTransaction } from '../../transaction/client-transaction.ts';
import type { EngineContext } from '../engine-context.ts';
import { cancelFor, sendCancel } from './cancel-request.ts';

/** The CANCEL of one INVITE: sent once, and not before the first provisional response (RFC 3261 §9.1). */
export class HeldCancel {
  readonly #context: Pick<EngineContext, 'transactions' | 'timers'>;
  #cancel: SipRequest | undefined;
  #isSent = false;

  constructor(context: Pick<EngineContext, 'transactions' | 'timers'>) {
    this.#context = context;
  }

  /** Whether somebody has cancelled. */
  get isWanted(): boolean {
    return this.#cancel !== undefined;
  }

  /**
   * Cancels, at once or later.
   * @param transaction - of an INVITE without a final response.
   * @returns the CANCEL as it is or will be sent.
   */
  want(transaction: ClientTransaction, extra: readonly Header[]): SipRequest {
    this.#cancel ??= cancelFor(transaction.request, extra);
    if (!transaction.isSilent) this.release(transaction);
    return this.#cancel;
  }

  /** A provisional response is there: what was held back leaves. */
  release(transaction: ClientTransaction | undefined): void {
    if (this.#cancel === undefined || this.#isSent || transaction === undefined) return;
    this.#isSent = true;
    sendCancel(this.#context, transaction, [], this.#cancel);
  }
}
