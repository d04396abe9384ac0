import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const REFRESH_MS = 10_000;

interface LocalInterface {
  readonly address: string;
  readonly netmask: string;
  readonly internal: boolean;
}

/**
 * Chooses the local address that a peer can answer to, for listeners bound to a wildcard.
 * @remarks Follows the interfaces' prefixes, then the first outer interface; the kernel's routing
 *   table is not asked, because that needs a connected socket per peer.
 */
export class LocalAddressChooser {
  #interfaces: LocalInterface[] = [];
  #readAt = -Infinity;

  /**
   * @param bound - the address that the socket is bound to.
   * @param peer - numeric address of the other side.
   * @returns `bound` itself unless it is a wildcard.
   */
  choose(bound: string, peer: string): string {
    if (bound !== '0.0.0.0' && bound !== '::') return bound;
    if (peer.startsWith('127.')) return '127.0.0.1';
    if (peer === '::1') return '::1';
    const interfaces = this.#read();
    const sameNet = interfaces.find((one) => isIPv4(peer) && isIPv4(one.address) && sharesPrefix(one, peer));
    if (sameNet !== undefined) return sameNet.address;
    const family = isIPv6(peer) ? isIPv6 : isIPv4;
    const outer = interfaces.find((one) => !one.internal && family(one.address) && !one.address.startsWith('fe80:'));
    return outer?.address ?? (isIPv6(peer) ? '::1' : '127.0.0.1');
  }

  #read(): LocalInterface[] {
    const now = Date.now();
    if (now - this.#readAt > REFRESH_MS) {
      this.#interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
      this.#readAt = now;
    }
    return this.#interfaces;
  }
}

function sharesPrefix(one: LocalInterface, peer: string): boolean {
  const mask = toNumber(one.netmask);
  return (toNumber(one.address) & mask) === (toNumber(peer) & mask);
}

const toNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
