import { go, type Rules } from '../../base/machine.ts';
import { lifetime, order, type CommonEvent, type TransactionCommand, type TransactionSetting } from './timers.ts';

/** Where an INVITE that we sent stands. */
export type InviteClientState =
  /** `ms`: the retransmission interval that is running (timer A). */
  | { readonly name: 'calling'; readonly ms: number }
  | { readonly name: 'proceeding' }
  | { readonly name: 'completed' }
  | { readonly name: 'accepted' }
  | { readonly name: 'terminated' };

/** What may happen to a client transaction. */
export type ClientEvent =
  | { readonly type: 'provisional' }
  | { readonly type: 'success' }
  | { readonly type: 'failure' }
  | CommonEvent;

/**
 * INVITE client transaction.
 *   calling -> proceeding -> accepted (2xx) | completed (3xx-6xx) -> terminated
 * @remarks RFC 3261 §17.1.1, figure 5; RFC 6026 §7.2: `accepted` lets every retransmitted and
 *   forked 2xx through to the user until timer M. Timer A doubles; B, D and M are 64·T1.
 */
export function inviteClientRules({ timers, reliable }: TransactionSetting): Rules<InviteClientState, ClientEvent, TransactionCommand> {
  const TERMINATED: InviteClientState = { name: 'terminated' };
  const PROCEEDING: InviteClientState = { name: 'proceeding' };
  const accept = () => go<InviteClientState, TransactionCommand>(
    { name: 'accepted' }, order.stop('retransmit'), order.stop('timeout'), order.start('linger', lifetime(timers)), order.tellResponse,
  );
  const complete = () => go<InviteClientState, TransactionCommand>(
    { name: 'completed' }, order.stop('retransmit'), order.stop('timeout'), order.sendAck,
    order.start('linger', reliable ? 0 : lifetime(timers)), order.tellResponse,
  );
  const proceed = () => go(PROCEEDING, order.stop('retransmit'), order.start('timeout', timers.c), order.tellResponse);
  const timeOut = () => go(TERMINATED, order.tellTimeout);
  const fail = () => go(TERMINATED, order.tellTransportFailed);
  const end = () => go<InviteClientState, TransactionCommand>(TERMINATED);
  return {
    calling: {
      provisional: proceed, success: accept, failure: complete,
      retransmit: ({ ms }) => go({ name: 'calling', ms: ms * 2 }, order.sendRequest, order.start('retransmit', ms * 2)),
      timeout: timeOut, linger: 'ignore', 'transport-failed': fail,
    },
    proceeding: {
      provisional: proceed, success: accept, failure: complete,
      retransmit: 'ignore', timeout: timeOut, linger: 'ignore', 'transport-failed': fail,
    },
    completed: {
      provisional: 'ignore', success: 'ignore',
      failure: () => go<InviteClientState, TransactionCommand>({ name: 'completed' }, order.sendAck),
      retransmit: 'ignore', timeout: 'ignore', linger: end, 'transport-failed': end,
    },
    accepted: {
      provisional: 'ignore',
      success: () => go<InviteClientState, TransactionCommand>({ name: 'accepted' }, order.tellResponse),
      failure: 'ignore', retransmit: 'ignore', timeout: 'ignore', linger: end, 'transport-failed': 'ignore',
    },
    terminated: {
      provisional: 'ignore', success: 'ignore', failure: 'ignore',
      retransmit: 'ignore', timeout: 'ignore', linger: 'ignore', 'transport-failed': 'ignore',
    },
  };
}
