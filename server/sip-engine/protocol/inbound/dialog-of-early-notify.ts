import { tagOf } from '../../message/header-values.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import type { ApplicationDialog, EngineContext } from '../engine-context.ts';

/**
 * The dialog of a NOTIFY that comes before the 2xx to the SUBSCRIBE that it answers.
 * @remarks RFC 6665 §4.1.2.4.
 */
export function dialogOfEarlyNotify(context: EngineContext, { method, request, essentials, flow }: ServerTransaction): ApplicationDialog | undefined {
  if (method !== 'NOTIFY') return undefined;
  for (const outbound of context.outbound.values()) {
    const { headers } = outbound.request;
    if (outbound.request.method !== 'SUBSCRIBE' || headers.get('call-id') !== essentials.callId || tagOf(headers.get('from') ?? '') !== essentials.toTag) continue;
    return outbound.growFromNotify(request, flow);
  }
  return undefined;
}
