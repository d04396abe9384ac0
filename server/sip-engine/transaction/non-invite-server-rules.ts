import { go, type Rules } from '../../base/machine.ts';
import type { ServerEvent } from './invite-server-rules.ts';
import { lifetime, order, type TransactionCommand, type TransactionSetting } from './timers.ts';

/** Where a request other than INVITE and ACK that we received stands. */
export type NonInviteServerState =
  | { readonly name: 'trying' }
  | { readonly name: 'proceeding' }
  | { readonly name: 'completed' }
  | { readonly name: 'terminated' };

/**
 * Non-INVITE server transaction.
 *   trying -> proceeding -> completed -> terminated
 * @remarks RFC 3261 §17.2.2, figure 8. J is 64·T1. `timeout` bounds the wait for the application,
 *   after which the client has given up (timer F) and an answer would be stray (RFC 4320 §4.2).
 *   `retransmit` is no retransmission here: it runs once, and then sends the 100 of RFC 4320 §4.1.
 */
export function nonInviteServerRules({ timers, reliable }: TransactionSetting): Rules<NonInviteServerState, ServerEvent, TransactionCommand> {
  const TERMINATED: NonInviteServerState = { name: 'terminated' };
  const PROCEEDING: NonInviteServerState = { name: 'proceeding' };
  const provisional = () => go(PROCEEDING, order.sendResponse);
  const complete = () => go<NonInviteServerState, TransactionCommand>(
    { name: 'completed' }, order.stop('timeout'), order.stop('retransmit'), order.sendResponse,
    order.start('linger', reliable ? 0 : lifetime(timers)),
  );
  const end = () => go<NonInviteServerState, TransactionCommand>(TERMINATED);
  const timeOut = () => go(TERMINATED, order.tellTimeout);
  const fail = () => go(TERMINATED, order.tellTransportFailed);
  return {
    trying: {
      request: 'ignore', provisional, success: complete, failure: complete,
      ack: 'ignore', retransmit: () => go(PROCEEDING, order.sendTrying), timeout: timeOut, linger: 'ignore', 'transport-failed': fail,
    },
    proceeding: {
      request: () => go(PROCEEDING, order.sendResponse), provisional, success: complete, failure: complete,
      ack: 'ignore', retransmit: 'ignore', timeout: timeOut, linger: 'ignore', 'transport-failed': fail,
    },
    completed: {
      request: () => go<NonInviteServerState, TransactionCommand>({ name: 'completed' }, order.sendResponse),
      provisional: 'refuse', success: 'refuse', failure: 'refuse',
      ack: 'ignore', retransmit: 'ignore', timeout: 'ignore', linger: end, 'transport-failed': end,
    },
    terminated: {
      request: 'ignore', provisional: 'refuse', success: 'refuse', failure: 'refuse',
      ack: 'ignore', retransmit: 'ignore', timeout: 'ignore', linger: 'ignore', 'transport-failed': 'ignore',
    },
  };
}
