import { parseNameAddr, splitList } from './header-values.ts';
import type { Headers } from './sip-message.ts';
import { parseSipUri } from './sip-uri.ts';

/** How a request leaves along its routes: its Request-URI, its Route values, and the URI of the next hop. */
export interface RouteOut {
  readonly uri: string;
  readonly routes: readonly string[];
  readonly nextHop: string;
}

/** Every Route value, nearest first. */
export const routesOf = (headers: Headers): string[] => headers.all('route').flatMap(splitList);

/** The URI of a Route value; empty when it has none. */
export const routeUri = (value: string): string => parseNameAddr(value)?.uri ?? '';

/**
 * Applies a route set.
 * @param target - where the request goes in the end.
 * @param routes - Route values, nearest first.
 * @remarks RFC 3261 §12.2.1.1 and §16.6, item 6: a router without `lr` is a strict one, which wants
 *   its own URI as the Request-URI, and the target as the last Route.
 */
export function followRoutes(target: string, routes: readonly string[]): RouteOut {
  const [first, ...others] = routes;
  const nextHop = first === undefined ? '' : routeUri(first);
  if (nextHop === '') return { uri: target, routes: [], nextHop: target };
  if (parseSipUri(nextHop)?.params.has('lr') === true) return { uri: target, routes, nextHop };
  return { uri: nextHop, routes: [...others, `<${target}>`], nextHop };
}
