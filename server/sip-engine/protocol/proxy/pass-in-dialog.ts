import type { Essentials } from '../../message/essentials.ts';
import { followRoutes, routesOf, routeUri } from '../../message/route-set.ts';
import { Headers, serialize, type SipRequest } from '../../message/sip-message.ts';
import type { ServerTransaction } from '../../transaction/server-transaction.ts';
import { chooseFlow } from '../choose-flow.ts';
import type { EngineContext } from '../engine-context.ts';
import { newBranch } from '../engine-requests.ts';
import { forwardedRequest, takeOwnRoutes, type RoutedRequest } from './forwarded-request.ts';
import { ProxiedRequest } from './proxied-request.ts';
import type { ProxyOrder } from './proxy-order.ts';

/**
 * Passes a request on that comes here because of our Record-Route.
 * @returns false when it does not.
 * @remarks RFC 3261 §16.4 and §16.6; only for calls whose Call-ID we signed, so this is no open relay.
 */
export function passRequest(context: EngineContext, transaction: ServerTransaction): boolean {
  const routed = ownRouted(context, transaction.request, transaction.essentials);
  if (routed === undefined) return false;
  context.counters.add('proxied.in-dialog');
  if (transaction.method === 'BYE') context.records.stop('network', 'normal-release', transaction.request);
  const nobody = { onResponse: () => undefined, onDone: () => undefined };
  new ProxiedRequest(context, transaction, passOn(routed.request.uri), nobody).begin();
  return true;
}

/**
 * Passes the ACK for a 2xx on, without a transaction.
 * @remarks RFC 3261 §16.11 and §13.2.2.4.
 */
export function passAck(context: EngineContext, ack: SipRequest, essentials: Essentials): boolean {
  const routed = ownRouted(context, ack, essentials);
  if (routed === undefined) return false;
  const target = routed.request.uri;
  chooseFlow(context.transport, followRoutes(target, routed.routes).nextHop, undefined, (choice) => {
    if (choice.kind === 'none') {
      context.counters.add('dropped.ack-without-route');
      return;
    }
    const { flow } = choice;
    flow.send(serialize(forwardedRequest(routed, {
      target, flow, cameOn: flow, branch: newBranch(), callId: essentials.callId, signer: undefined, extra: new Headers(),
    })));
  });
  return true;
}

/** What is done with a request inside a dialog that passes here because of our Record-Route. */
function passOn(target: string): ProxyOrder {
  return {
    targets: [target], recordRoute: false, tellsResponses: false, followRedirects: false, simultaneous: false,
    provisionalTimeoutMs: undefined, finalTimeoutMs: undefined, headers: new Headers(),
  };
}

/** Whether a request only passes here: its extensions are not ours to judge (RFC 3261 §16.3). */
export const isForOthers = (context: EngineContext, request: SipRequest, essentials: Essentials): boolean =>
  ownRouted(context, request, essentials) !== undefined;

/** Whether a request comes here because of the Record-Route that we signed for its call. */
export function comesByOurRoute({ signer }: Pick<EngineContext, 'signer'>, { uri, headers }: SipRequest, { callId }: Essentials): boolean {
  const first = routesOf(headers)[0];
  return signer.isOwn(uri, callId) || (first !== undefined && signer.isOwn(routeUri(first), callId));
}

function ownRouted({ signer }: EngineContext, request: SipRequest, { callId }: Essentials): RoutedRequest | undefined {
  const isRecorded = (uri: string): boolean => signer.isOwn(uri, callId);
  const first = routesOf(request.headers)[0];
  if (!isRecorded(request.uri) && (first === undefined || !isRecorded(routeUri(first)))) return undefined;
  return takeOwnRoutes(request, isRecorded, () => false);
}
