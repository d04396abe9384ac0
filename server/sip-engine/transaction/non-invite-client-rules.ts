import { go, type Rules } from '../../base/machine.ts';
import type { ClientEvent } from './invite-client-rules.ts';
import { order, type TransactionCommand, type TransactionSetting } from './timers.ts';

/** Where a request other than INVITE and ACK that we sent stands. */
export type NonInviteClientState =
  /** `ms`: the retransmission interval that is running (timer E). */
  | { readonly name: 'trying'; readonly ms: number }
  | { readonly name: 'proceeding' }
  | { readonly name: 'completed' }
  | { readonly name: 'terminated' };

/**
 * Non-INVITE client transaction.
 *   trying -> proceeding -> completed -> terminated
 * @remarks RFC 3261 §17.1.2, figure 6. Timer E doubles up to T2 and stays at T2 once a
 *   provisional response came; F (64·T1) is started by the owner; K is T4.
 */
export function nonInviteClientRules({ timers, reliable }: TransactionSetting): Rules<NonInviteClientState, ClientEvent, TransactionCommand> {
  const TERMINATED: NonInviteClientState = { name: 'terminated' };
  const PROCEEDING: NonInviteClientState = { name: 'proceeding' };
  const complete = () => go<NonInviteClientState, TransactionCommand>(
    { name: 'completed' }, order.stop('retransmit'), order.stop('timeout'),
    order.start('linger', reliable ? 0 : timers.t4), order.tellResponse,
  );
  const timeOut = () => go(TERMINATED, order.tellTimeout);
  const fail = () => go(TERMINATED, order.tellTransportFailed);
  const end = () => go<NonInviteClientState, TransactionCommand>(TERMINATED);
  return {
    trying: {
      provisional: () => go(PROCEEDING, order.tellResponse),
      success: complete, failure: complete,
      retransmit: ({ ms }) => {
        const next = Math.min(ms * 2, timers.t2);
        return go({ name: 'trying', ms: next }, order.sendRequest, order.start('retransmit', next));
      },
      timeout: timeOut, linger: 'ignore', 'transport-failed': fail,
    },
    proceeding: {
      provisional: () => go(PROCEEDING, order.tellResponse),
      success: complete, failure: complete,
      retransmit: () => go(PROCEEDING, order.sendRequest, order.start('retransmit', timers.t2)),
      timeout: timeOut, linger: 'ignore', 'transport-failed': fail,
    },
    completed: {
      provisional: 'ignore', success: 'ignore', failure: 'ignore',
      retransmit: 'ignore', timeout: 'ignore', linger: end, 'transport-failed': end,
    },
    terminated: {
      provisional: 'ignore', success: 'ignore', failure: 'ignore',
      retransmit: 'ignore', timeout: 'ignore', linger: 'ignore', 'transport-failed': 'ignore',
    },
  };
}
