import { viaFor } from '../../message/local-identity.ts';
import { headerName } from '../../message/header-names.ts';
import { splitList } from '../../message/header-values.ts';
import { followRoutes, routesOf, routeUri } from '../../message/route-set.ts';
import { Headers, type SipRequest, type SipResponse } from '../../message/sip-message.ts';
import type { Flow } from '../../transport/flow.ts';
import type { RouteSigner } from './route-token.ts';

/** Headers of a forwarded request that an application may not change. */
const PROTECTED = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'max-forwards', 'record-route', 'route', 'content-length']);

/** A request after route pre-processing: what is left to route by. */
export interface RoutedRequest {
  readonly request: SipRequest;
  /** Route values that are not ours, nearest first. */
  readonly routes: readonly string[];
}

/**
 * Takes our own entries off the front of the Route set, and undoes a strict router's rewriting.
 * @param isRecorded - whether a URI is one that we wrote into a Record-Route.
 * @param isHere - whether a URI is one of our addresses: the caller's preloaded Route.
 * @remarks RFC 3261 §16.4.
 */
export function takeOwnRoutes(request: SipRequest, isRecorded: (uri: string) => boolean, isHere: (uri: string) => boolean): RoutedRequest {
  const routes = routesOf(request.headers);
  let { uri } = request;
  const last = routes.at(-1);
  if (isRecorded(uri) && last !== undefined) {
    uri = routeUri(last);
    routes.pop();
  }
  for (let first = routes[0]; first !== undefined; first = routes[0]) {
    const own = routeUri(first);
    if (!isRecorded(own) && !isHere(own)) break;
    routes.shift();
  }
  return { request: { ...request, uri }, routes };
}

/** How a forwarded request leaves. */
export interface ForwardSetting {
  readonly target: string;
  readonly flow: Flow;
  /** The flow that the request came in on. */
  readonly cameOn: Flow;
  readonly branch: string;
  readonly callId: string;
  /** Adds a Record-Route when given. */
  readonly signer: RouteSigner | undefined;
  /** Headers that the application sets. */
  readonly extra: Headers;
}

/**
 * Makes the copy of a request that goes to one target.
 * @remarks RFC 3261 §16.6, items 1 to 8; RFC 5658 §3 for the double Record-Route between transports.
 */
export function forwardedRequest({ request, routes }: RoutedRequest, setting: ForwardSetting): SipRequest {
  const { flow, cameOn, signer, callId } = setting;
  const way = followRoutes(setting.target, routes);
  const headers = new Headers().add('Via', viaFor(flow, setting.branch));
  if (signer !== undefined) {
    headers.add('Record-Route', signer.recordRoute(callId, flow));
    const sameSide = flow.transport === cameOn.transport && flow.localAddress === cameOn.localAddress && flow.localPort === cameOn.localPort;
    if (!sameSide) headers.add('Record-Route', signer.recordRoute(callId, cameOn));
  }
  for (const value of way.routes) headers.add('Route', value);
  const changed = setting.extra.list.filter(({ name }) => !PROTECTED.has(name.key));
  const replaced = new Set(changed.map(({ name }) => name.key));
  let hasMaxForwards = false;
  for (const header of request.headers.list) {
    const { key } = header.name;
    if (key === 'route' || key === 'content-length' || replaced.has(key)) continue;
    if (key === 'max-forwards') {
      hasMaxForwards = true;
      headers.add('Max-Forwards', String(hopsOf(header.value) - 1));
    } else {
      headers.list.push({ ...header });
    }
  }
  if (!hasMaxForwards) headers.add('Max-Forwards', '70');
  headers.list.push(...changed);
  return { ...request, uri: way.uri, headers };
}

/** RFC 3261 §20.22: 1 to 255; one that makes no sense is replaced by what a client begins with (§8.1.1.6). */
function hopsOf(maxForwards: string): number {
  const hops = /^\d{1,3}$/.test(maxForwards) ? Number(maxForwards) : 70;
  return Math.min(Math.max(1, hops), 255);
}

const VIA = headerName('Via');

/**
 * Takes our Via off a response.
 * @returns undefined when no other Via is left: the response was for us.
 * @remarks RFC 3261 §16.7, item 3.
 */
export function withoutTopVia(response: SipResponse): SipResponse | undefined {
  const list = response.headers.list.flatMap((header) => (
    header.name.key === 'via' && header.value.includes(',') ? splitList(header.value).map((value) => ({ name: VIA, value })) : [header]
  ));
  const top = list.findIndex(({ name }) => name.key === 'via');
  if (top >= 0) list.splice(top, 1);
  return list.some(({ name }) => name.key === 'via') ? { ...response, headers: new Headers(list) } : undefined;
}
