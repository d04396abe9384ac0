import { isIP } from 'node:net';
import type { Dialog } from '../dialog/dialog.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import type { Flow } from '../transport/flow.ts';
import type { TransportLayer } from '../transport/transport-layer.ts';
import { Ways } from '../transport/ways.ts';

/** The flow to try first, with the other ways should it fail; or the reason of the NOK. */
export type FlowChoice = { readonly kind: 'flow'; readonly flow: Flow; readonly ways: Ways } | { readonly kind: 'none'; readonly reason: string };

/**
 * Chooses the flow for a request.
 * @param nextHop - URI of the first Route, of the application's proxy, or of the target.
 * @param dialog - the dialog of the request: its own connection is preferred to a new one, because
 *   a browser or a phone behind NAT can be reached in no other way (RFC 5626, RFC 7118 §5).
 * @param then - called before this returns, unless a name has to be looked up.
 */
export function chooseFlow(transport: TransportLayer, nextHop: string, dialog: Dialog | undefined, then: (choice: FlowChoice) => void): void {
  const way = dialog === undefined ? undefined : wayBack(dialog, nextHop);
  if (way !== undefined) return then({ kind: 'flow', flow: way, ways: Ways.only(way) });
  transport.findWays(nextHop, (outcome) => {
    then(outcome.kind === 'none' ? outcome : { kind: 'flow', flow: outcome.ways.flow, ways: outcome.ways });
  });
}

/** The dialog's own flow, when it leads to the next hop. */
function wayBack(dialog: Dialog, nextHop: string): Flow | undefined {
  const { flow } = dialog;
  const uri = parseSipUri(nextHop);
  if (uri === undefined) return undefined;
  if (flow.transport === 'ws' || flow.transport === 'wss') {
    // Even when it is closed: only the browser could open another one.
    return /^wss?$/i.test(String(uri.params.get('transport'))) || uri.host.endsWith('.invalid') || flow.isOpen ? flow : undefined;
  }
  // A private address seen from outside: the peer is behind NAT, its packets tell the way.
  const isBehindNat = dialog.routeSet.length === 0 && isPrivate(uri.host) && !uri.params.has('maddr');
  if (flow.transport === 'tcp' || flow.transport === 'tls') return flow.isOpen && (uri.host === flow.remoteAddress || isBehindNat) ? flow : undefined;
  if (uri.host === flow.remoteAddress) return (uri.port ?? 5060) === flow.remotePort ? flow : undefined;
  return isBehindNat ? flow : undefined;
}

/** RFC 1918 and RFC 6598. */
function isPrivate(host: string): boolean {
  if (isIP(host) !== 4) return false;
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(host);
}
