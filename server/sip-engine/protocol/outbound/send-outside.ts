import { parseNameAddr } from '../../message/header-values.ts';
import { randomToken } from '../../message/random-token.ts';
import { followRoutes, routesOf, type RouteOut } from '../../message/route-set.ts';
import { Headers, type SipRequest } from '../../message/sip-message.ts';
import { chooseFlow } from '../choose-flow.ts';
import { completeRequest } from '../complete-request.ts';
import type { EngineContext } from '../engine-context.ts';
import { newBranch } from '../engine-requests.ts';
import { refuseRequest, type ApplicationRequest } from './application-request.ts';
import { launch } from './launch.ts';
import { OutboundRequest } from './outbound-request.ts';
import { departureOf } from './send-along.ts';

/** Methods that make no sense without a dialog. */
const NEEDS_DIALOG = new Set(['ACK', 'BYE', 'PRACK']);

/**
 * Sends a request that belongs to no dialog, and may begin one.
 * @remarks RFC 3261 §8.1.
 */
export function sendOutside(context: EngineContext, request: ApplicationRequest): void {
  const { application, frame, draft } = request;
  if (NEEDS_DIALOG.has(draft.method)) return refuseRequest(request, `${draft.method} needs a dialog`);
  const way = followRoutes(draft.uri, routesOf(draft.headers));
  const nextHop = frame.proxy === '' ? way.nextHop : asSipUri(frame.proxy);
  chooseFlow(context.transport, nextHop, undefined, (choice) => {
    if (!application.isOpen) return; // It went away while its name was looked up: nobody would hang up.
    if (choice.kind === 'none') return refuseRequest(request, choice.reason);
    const branch = newBranch();
    const completed = completeRequest(alongRoutes(draft, way), choice.flow, branch);
    if ('refused' in completed) return refuseRequest(request, completed.refused);
    const outbound = new OutboundRequest(context, { id: frame.transactionId || randomToken(), application, completed });
    launch(context, outbound, { frameId: frame.id, ways: choice.ways, departure: departureOf(completed.request, branch, choice.flow) });
  });
}

/** Rewrites the routes that an application has written for a strict router (RFC 3261 §8.1.2); others stay as they are. */
function alongRoutes(draft: SipRequest, way: RouteOut): SipRequest {
  if (way.uri === draft.uri) return draft;
  const headers = new Headers(draft.headers.list.filter(({ name }) => name.key !== 'route'));
  if (!headers.has('to')) headers.add('To', `<${draft.uri}>`);
  for (const route of way.routes) headers.add('Route', route);
  return { ...draft, uri: way.uri, headers };
}

/** `opts.proxy` may be a URI or `address[:port]`. */
const asSipUri = (proxy: string): string => {
  const uri = proxy.includes('<') ? (parseNameAddr(proxy)?.uri ?? proxy) : proxy;
  return /^sips?:/i.test(uri) ? uri : `sip:${uri}`;
};
