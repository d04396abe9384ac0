import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { parseSipUri, type SipUri } from '../message/sip-uri.ts';
import type { Transport } from './flow.ts';

/** Where a request goes next. */
export interface NextHop {
  readonly transport: Transport;
  /** Numeric, unless it is a name under `.invalid` that only an existing flow can stand for. */
  readonly address: string;
  readonly port: number;
}

/** A next hop, or why there is none. */
export type NextHopOutcome =
  | { readonly kind: 'found'; readonly hop: NextHop }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Finds transport, address and port for a URI; at once for numeric hosts, else by A or AAAA.
 * @param then - called before this returns when the host is numeric.
 * @remarks RFC 3263 §4 without NAPTR and SRV, which come with the trunks.
 */
export function findNextHop(text: string, then: (outcome: NextHopOutcome) => void): void {
  const uri = parseSipUri(text);
  if (uri === undefined) return then({ kind: 'none', reason: `no SIP URI: ${text.slice(0, 100)}` });
  const transport = transportOf(uri);
  if (transport === undefined) return then({ kind: 'none', reason: 'requested protocol/transport not available' });
  const port = uri.port ?? 5060;
  if (isIP(uri.host) !== 0 || uri.host.endsWith('.invalid')) {
    return then({ kind: 'found', hop: { transport, address: uri.host, port } });
  }
  lookup(uri.host, { family: 4 }, (error, address) => {
    then(error === null
      ? { kind: 'found', hop: { transport, address, port } }
      : { kind: 'none', reason: `no address for ${uri.host} (${error.code ?? error.message})` });
  });
}

/** RFC 3261 §19.1.1: UDP unless the URI says otherwise; `sips` and `tls` have no listener yet. */
function transportOf(uri: SipUri): Transport | undefined {
  if (uri.scheme === 'sips') return undefined;
  const named = uri.params.get('transport');
  const name = typeof named === 'string' ? named.toLowerCase() : 'udp';
  return name === 'udp' || name === 'tcp' || name === 'ws' ? name : undefined;
}
