import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const REFRESH_MS = 10_000;
const MAX_CACHED = 10_000;

interface LocalInterface {
  readonly address: string;
  readonly internal: boolean;
  readonly network: BlockList;
}

/** Whether an address is the wildcard of its family. */
export const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::';

/** Whether an address never leaves the machine. */
export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** IPv4 addresses that a dual-stack socket shows in IPv6 dress. */
export const plainAddress = (address: string): string => (address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address);

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

/** Whether a list of networks holds an address. */
export const holds = (networks: BlockList, address: string): boolean => networks.check(address, familyOf(address));

/**
 * Chooses the local address that a peer can answer to, for listeners bound to a wildcard.
 * @remarks Follows the interfaces' prefixes, then the first outer interface; the kernel's routing
 *   table is not asked, because that needs a connected socket per peer.
 */
export class LocalAddressChooser {
  #interfaces: LocalInterface[] = [];
  #readAt = -Infinity;
  readonly #chosen = new Map<string, string>();

  /**
   * @param bound - the address that the socket is bound to.
   * @param peer - numeric address of the other side.
   * @returns `bound` itself unless it is a wildcard.
   */
  choose(bound: string, peer: string): string {
    if (!isWildcard(bound)) return bound;
    const interfaces = this.#read();
    let address = this.#chosen.get(peer);
    if (address === undefined) {
      address = choose(interfaces, peer);
      if (this.#chosen.size < MAX_CACHED) this.#chosen.set(peer, address);
    }
    return address;
  }

  /** Whether an address belongs to this machine. */
  isOurs(address: string): boolean {
    return isLoopback(address) || this.#read().some((one) => one.address === address);
  }

  /** Whether `peer` is in the network of our address `own`. */
  isNear(own: string, peer: string): boolean {
    if (isLoopback(own) || isLoopback(peer)) return isLoopback(own) && isLoopback(peer);
    return this.#read().some((one) => one.address === own && holds(one.network, peer));
  }

  #read(): LocalInterface[] {
    const now = Date.now();
    if (now - this.#readAt > REFRESH_MS) {
      this.#interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).map(({ address, internal, cidr }) => {
        const network = new BlockList();
        const [base = address, bits] = (cidr ?? address).split('/');
        network.addSubnet(base, Number(bits ?? (isIPv6(address) ? 128 : 32)), familyOf(address));
        return { address, internal, network };
      });
      this.#readAt = now;
      this.#chosen.clear();
    }
    return this.#interfaces;
  }
}

function choose(interfaces: readonly LocalInterface[], peer: string): string {
  if (peer.startsWith('127.')) return '127.0.0.1';
  if (peer === '::1') return '::1';
  const family = familyOf(peer);
  const own = interfaces.filter(({ address }) => familyOf(address) === family);
  const near = own.find(({ network }) => holds(network, peer));
  const outer = near ?? own.find(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return outer?.address ?? (family === 'ipv6' ? '::1' : '127.0.0.1');
}
