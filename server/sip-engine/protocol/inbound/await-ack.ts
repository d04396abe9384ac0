import { SuccessRetransmitter } from '../../dialog/success-retransmitter.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { endDialog } from '../engine-requests.ts';

/** Repeats the 2xx until its ACK; without one, hangs up and tells the application (RFC 3261 §13.3.1.4). */
export function awaitAck(context: EngineContext, dialog: ApplicationDialog, transaction: ServerTransaction): void {
  const before = dialog.awaitedAck;
  const held: { readonly method: 'BYE' | 'INVITE'; readonly send: () => void }[] = [];
  const runHeld = (): void => { for (const { send } of held.splice(0)) send(); };
  const retransmitter = new SuccessRetransmitter(
    context.timers,
    () => transaction.resendSuccess(),
    () => {
      context.counters.add('ended.ack-timeout');
      // A BYE that waits says all that has to be said; another request finds its dialog gone.
      if (!held.some(({ method }) => method === 'BYE')) return endDialog(context, dialog, 'ACK timeout');
      dialog.awaitedAck = undefined;
      runHeld();
    },
  );
  dialog.awaitedAck = {
    sequence: transaction.essentials.cseq.number,
    beginsCall: transaction.essentials.toTag === undefined,
    settle: () => {
      retransmitter.stop();
      transaction.acknowledged();
      runHeld();
    },
    whenSettled: (method, send) => { held.push({ method, send }); },
  };
  before?.settle();
}
