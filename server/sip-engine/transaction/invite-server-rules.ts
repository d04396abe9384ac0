import { go, type Rules } from '../../base/machine.ts';
import { lifetime, order, type CommonEvent, type TransactionCommand, type TransactionSetting } from './timers.ts';

/** Where an INVITE that we received stands. */
export type InviteServerState =
  | { readonly name: 'proceeding' }
  /** `ms`: the retransmission interval that is running (timer G). */
  | { readonly name: 'completed'; readonly ms: number }
  | { readonly name: 'confirmed' }
  /** `acknowledged`: the ACK came, so a late INVITE needs no 2xx any more. */
  | { readonly name: 'accepted'; readonly acknowledged: boolean }
  | { readonly name: 'terminated' };

/** What may happen to a server transaction. */
export type ServerEvent =
  /** The request came again. */
  | { readonly type: 'request' }
  | { readonly type: 'provisional' }
  | { readonly type: 'success' }
  | { readonly type: 'failure' }
  | { readonly type: 'ack' }
  | CommonEvent;

/**
 * INVITE server transaction.
 *   proceeding -> accepted (2xx) | completed (3xx-6xx) -> confirmed (ACK) -> terminated
 * @remarks RFC 3261 §17.2.1, figure 7; RFC 6026 §7.1. A 2xx is retransmitted by the dialog until
 *   its ACK (§13.3.1.4), and besides whenever the INVITE comes again before that, which heals a
 *   lost 2xx sooner. G doubles up to T2, H and L are 64·T1, I is T4.
 *   Timer C, which the RFC gives to proxies, bounds the wait for the application here.
 */
export function inviteServerRules({ timers, reliable }: TransactionSetting): Rules<InviteServerState, ServerEvent, TransactionCommand> {
  const PROCEEDING: InviteServerState = { name: 'proceeding' };
  const TERMINATED: InviteServerState = { name: 'terminated' };
  const end = () => go<InviteServerState, TransactionCommand>(TERMINATED);
  const fail = () => go(TERMINATED, order.tellTransportFailed);
  return {
    proceeding: {
      request: () => go(PROCEEDING, order.sendResponse),
      provisional: () => go(PROCEEDING, order.sendResponse, order.start('timeout', timers.c)),
      success: () => go<InviteServerState, TransactionCommand>(
        { name: 'accepted', acknowledged: false }, order.stop('timeout'), order.sendResponse, order.start('linger', lifetime(timers)),
      ),
      failure: () => go<InviteServerState, TransactionCommand>(
        { name: 'completed', ms: timers.t1 }, order.sendResponse, order.start('timeout', lifetime(timers)),
        ...(reliable ? [] : [order.start('retransmit', timers.t1)]),
      ),
      ack: 'ignore', retransmit: 'ignore', timeout: () => go(PROCEEDING, order.tellTimeout), linger: 'ignore', 'transport-failed': fail,
    },
    completed: {
      request: (state) => go(state, order.sendResponse),
      provisional: 'refuse', success: 'refuse', failure: 'refuse',
      ack: () => go<InviteServerState, TransactionCommand>(
        { name: 'confirmed' }, order.stop('retransmit'), order.stop('timeout'),
        order.start('linger', reliable ? 0 : timers.t4),
      ),
      retransmit: ({ ms }) => {
        const next = Math.min(ms * 2, timers.t2);
        return go({ name: 'completed', ms: next }, order.sendResponse, order.start('retransmit', next));
      },
      timeout: () => go(TERMINATED, order.tellTimeout), linger: 'ignore', 'transport-failed': fail,
    },
    confirmed: {
      request: 'ignore', provisional: 'refuse', success: 'refuse', failure: 'refuse', ack: 'ignore',
      retransmit: 'ignore', timeout: 'ignore', linger: end, 'transport-failed': 'ignore',
    },
    accepted: {
      request: (state) => (state.acknowledged ? go(state) : go(state, order.sendResponse)),
      provisional: 'refuse',
      // The dialog's own retransmissions of the 2xx.
      success: (state) => go(state, order.sendResponse),
      failure: 'refuse',
      ack: () => go<InviteServerState, TransactionCommand>({ name: 'accepted', acknowledged: true }),
      retransmit: 'ignore', timeout: 'ignore', linger: end, 'transport-failed': 'ignore',
    },
    terminated: {
      request: 'ignore', provisional: 'refuse', success: 'refuse', failure: 'refuse', ack: 'ignore',
      retransmit: 'ignore', timeout: 'ignore', linger: 'ignore', 'transport-failed': 'ignore',
    },
  };
}
