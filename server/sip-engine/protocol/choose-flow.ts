import { isIP } from 'node:net';
import type { Dialog } from '../dialog/dialog.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import type { Flow } from '../transport/flow.ts';
import { findNextHop } from '../transport/next-hop.ts';
import type { TransportLayer } from '../transport/transport-layer.ts';

/** A flow, or the reason of the NOK. */
export type FlowChoice = { readonly kind: 'flow'; readonly flow: Flow } | { readonly kind: 'none'; readonly reason: string };

/**
 * Chooses the flow for a request.
 * @param nextHop - URI of the first Route, of the application's proxy, or of the target.
 * @param dialog - the dialog of the request: its own connection is preferred to a new one, because
 *   a browser or a phone behind NAT can be reached in no other way (RFC 5626, RFC 7118 §5).
 * @param then - called before this returns, unless a name has to be looked up.
 */
export function chooseFlow(transport: TransportLayer, nextHop: string, dialog: Dialog | undefined, then: (choice: FlowChoice) => void): void {
  const way = dialog === undefined ? undefined : wayBack(dialog, nextHop);
  if (way !== undefined) return then({ kind: 'flow', flow: way });
  findNextHop(nextHop, (outcome) => {
    if (outcome.kind === 'none') return then(outcome);
    const { hop } = outcome;
    const isLoop = transport.bound.some((own) => own.transport === hop.transport && own.port === hop.port
      && (own.host === hop.address || (own.host === '0.0.0.0' && hop.address === '127.0.0.1')));
    if (isLoop) return then({ kind: 'none', reason: 'can not send request to myself' });
    then({ kind: 'flow', flow: transport.flowTo(hop) ?? transport.deadFlow(hop) });
  });
}

/** The dialog's own flow, when it leads to the next hop. */
function wayBack(dialog: Dialog, nextHop: string): Flow | undefined {
  const { flow } = dialog;
  const uri = parseSipUri(nextHop);
  if (uri === undefined) return undefined;
  if (flow.transport === 'ws') {
    // Even when it is closed: only the browser could open another one.
    return uri.params.get('transport') === 'ws' || uri.host.endsWith('.invalid') || flow.isOpen ? flow : undefined;
  }
  if (flow.transport === 'tcp') return flow.isOpen && uri.host === flow.remoteAddress ? flow : undefined;
  if (uri.host === flow.remoteAddress) return (uri.port ?? 5060) === flow.remotePort ? flow : undefined;
  // A private address seen from outside: the peer is behind NAT, its packets tell the way.
  return dialog.routeSet.length === 0 && isPrivate(uri.host) && !uri.params.has('maddr') ? flow : undefined;
}

/** RFC 1918 and RFC 6598. */
function isPrivate(host: string): boolean {
  if (isIP(host) !== 4) return false;
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(host);
}
