import type { Essentials } from '../../message/essentials.ts';
import type { SipRequest } from '../../message/sip-message.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { TransactionUser } from '../../transaction/transaction-layer.ts';
import type { Flow } from '../../transport/flow.ts';
import type { EngineContext } from '../engine-context.ts';
import { refuseUnacceptable } from './refuse-unacceptable.ts';
import { takeAck } from './take-ack.ts';
import { takeCancel } from './take-cancel.ts';
import { takeInDialogRequest } from './take-in-dialog-request.ts';
import { takeNewRequest } from './take-new-request.ts';

/**
 * Takes the requests of the network to the applications.
 * @remarks RFC 3261 §8.2 (new requests), §9.2 (CANCEL), §12.2.2 (requests in dialogs), §13.3.1.4 (ACK).
 */
export class NetworkRequests implements TransactionUser {
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  onRequest(transaction: ServerTransaction): void {
    if (refuseUnacceptable(this.#context, transaction)) return;
    if (transaction.essentials.toTag === undefined) takeNewRequest(this.#context, transaction);
    else takeInDialogRequest(this.#context, transaction);
  }

  onAck(request: SipRequest, essentials: Essentials, flow: Flow): void {
    takeAck(this.#context, request, essentials, flow);
  }

  onCancel(cancel: ServerTransaction, invite: ServerTransaction | undefined): void {
    takeCancel(this.#context, cancel, invite);
  }
}
