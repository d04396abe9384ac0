import { SuccessRetransmitter } from '../../dialog/success-retransmitter.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';
import { endDialog } from '../engine-requests.ts';

/** Repeats the 2xx until its ACK; without one, hangs up and tells the application (RFC 3261 §13.3.1.4). */
export function awaitAck(context: EngineContext, dialog: ApplicationDialog, transaction: ServerTransaction): void {
  dialog.awaitedAck?.settle();
  const retransmitter = new SuccessRetransmitter(
    context.timers,
    () => transaction.resendSuccess(),
    () => {
      context.counters.add('ended.ack-timeout');
      endDialog(context, dialog, 'ACK timeout');
    },
  );
  dialog.awaitedAck = {
    sequence: transaction.essentials.cseq.number,
    settle: () => {
      retransmitter.stop();
      transaction.acknowledged();
    },
  };
}
