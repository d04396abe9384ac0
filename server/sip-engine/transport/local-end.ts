import { BlockList, isIP, isIPv6 } from 'node:net';
import { AppError } from '../../base/app-error.ts';
import type { SipListener } from './flow.ts';
import { holds, isWildcard, type LocalAddressChooser } from './local-address.ts';

/** Private, shared, link-local and loopback networks (RFC 1918, 6598, 3927, 4193, 4291). */
const PRIVATE_NETWORKS = [
  '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '127.0.0.0/8',
  'fc00::/7', 'fe80::/10', '::1/128',
];

/** The two fields of a flow that say how its peer reaches us. */
export interface LocalPlace {
  readonly localAddress: string;
  readonly localPort: number;
}

/** What one listener is called in Via and Contact, depending on who reads it. */
export class LocalEnd {
  readonly listener: SipListener;
  readonly #chooser: LocalAddressChooser;
  readonly #local: BlockList;

  /**
   * @param listener - with the port that it really got.
   * @throws AppError `sip.listen-failed` when a network or the external address is none.
   */
  constructor(listener: SipListener, chooser: LocalAddressChooser) {
    this.listener = listener;
    this.#chooser = chooser;
    this.#local = networks(listener.localNetworks ?? PRIVATE_NETWORKS);
    if (listener.externalAddress !== undefined && isIP(listener.externalAddress) === 0) {
      throw notNumeric('external address', listener.externalAddress);
    }
  }

  /**
   * Our place as `peer` has to see it.
   * @param reached - the address that the peer's connection came to, when that is known.
   */
  facing(peer: string, reached?: string): LocalPlace {
    const { host, port, externalAddress, externalPort } = this.listener;
    if (externalAddress !== undefined && isIPv6(externalAddress) === isIPv6(peer) && !holds(this.#local, peer)) {
      return { localAddress: externalAddress, localPort: externalPort ?? port };
    }
    const own = isWildcard(host) && reached !== undefined && reached !== '' ? reached : this.#chooser.choose(host, peer);
    return { localAddress: own, localPort: port };
  }

  /** Whether a next hop is this listener itself. */
  isAt(address: string, port: number): boolean {
    const { host, externalAddress, externalPort } = this.listener;
    if (address === externalAddress && port === (externalPort ?? this.listener.port)) return true;
    if (port !== this.listener.port || isIPv6(address) !== isIPv6(host)) return false;
    return address === host || (isWildcard(host) && this.#chooser.isOurs(address));
  }
}

function networks(all: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of all) {
    const [base = '', bits] = network.split('/');
    const family = isIP(base);
    const length = Number(bits ?? (family === 6 ? 128 : 32));
    if (family === 0 || !Number.isInteger(length) || length < 0 || length > (family === 6 ? 128 : 32)) throw notNumeric('local network', network);
    list.addSubnet(base, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

const notNumeric = (what: string, value: string): AppError => new AppError({
  code: 'sip.listen-failed', category: 'config', message: `SIP: the ${what} ${value} is no numeric one`, details: { value },
});

/**
 * Picks the listener for requests to a peer among those of one transport.
 * @returns the one whose network the peer is in, else one on a wildcard, else one that is not on
 *   loopback; undefined when none has the peer's address family.
 */
export function pickListener<T extends { readonly end: LocalEnd }>(all: readonly T[], peer: string, chooser: LocalAddressChooser): T | undefined {
  let best: T | undefined;
  let bestRank = -1;
  for (const one of all) {
    const { host } = one.end.listener;
    if (isIPv6(host) !== isIPv6(peer)) continue;
    const rank = chooser.isNear(host, peer) ? 3 : isWildcard(host) ? 2 : chooser.isNear(host, host.includes(':') ? '::1' : '127.0.0.1') ? 0 : 1;
    if (rank > bestRank) [best, bestRank] = [one, rank];
  }
  return best;
}
