import { param } from '../../message/header-values.ts';
import type { Headers, SipRequest } from '../../message/sip-message.ts';
import { lifetime } from '../../transaction/timers.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';

/** What a subscription lasts when neither side says it, in seconds: the usual default of event packages. */
const DEFAULT_S = 3_600;

/**
 * Lets the dialog of a subscription end by itself when it is not refreshed: neither end may say goodbye.
 * @param said - headers that may hold Expires, the binding ones first.
 * @remarks RFC 6665 §4.1.2.1 and §4.2.1; 64·T1 longer than agreed, for a last NOTIFY and its answer.
 */
export function keepSubscription(context: EngineContext, dialog: ApplicationDialog, ...said: readonly Headers[]): void {
  const seconds = said.map((headers) => Number.parseInt(headers.get('expires') ?? '', 10)).find((one) => one >= 0) ?? DEFAULT_S;
  endAfter(context, dialog, seconds);
}

/** Takes the time that is left from a NOTIFY, whoever sent it (RFC 6665 §4.1.3). */
export function keepNotifiedSubscription(context: EngineContext, dialog: ApplicationDialog, { method, headers }: SipRequest): void {
  if (method !== 'NOTIFY') return;
  const state = headers.get('subscription-state') ?? '';
  const params = state.indexOf(';');
  const seconds = params < 0 ? NaN : Number.parseInt(param(state.slice(params), 'expires') ?? '', 10);
  if (seconds >= 0) endAfter(context, dialog, seconds);
}

function endAfter({ dialogs, counters, timers }: EngineContext, dialog: ApplicationDialog, seconds: number): void {
  if (dialog.method !== 'SUBSCRIBE' || dialog.state === 'ended') return;
  dialogs.removeAfter(dialog, seconds * timers.second + lifetime(timers), () => counters.add('ended.subscription-expired'));
}
