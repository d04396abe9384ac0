import { BlockList, isIP } from 'node:net';
import type { Trunk } from '../model/centre.ts';
import type { TrunkId } from '../model/ids.ts';
import type { InviteFacts } from './ports.ts';

/** The trunks of the centre, by where their calls come from. */
export class TrunkTable {
  readonly #sip: { readonly trunk: Trunk; readonly addresses: BlockList }[] = [];
  readonly #web: Trunk[] = [];
  readonly #byId = new Map<TrunkId, Trunk>();

  /** @throws RangeError when a trunk's address is not an IP address or a CIDR block. */
  constructor(trunks: readonly Trunk[]) {
    for (const trunk of trunks) {
      this.#byId.set(trunk.trunkId, trunk);
      if (trunk.kind === 'web') this.#web.push(trunk);
      else this.#sip.push({ trunk, addresses: blockList(trunk.addresses) });
    }
  }

  /**
   * Says on which trunk an INVITE arrived.
   * @remarks A call by a registration of ours is on the trunk that registered; a browser that registered as a guest
   *   on its tenant's web trunk, wherever it is; everything else is known by its source address.
   * @returns nothing for a stranger: the INVITE is hostile and gets 403.
   */
  find(invite: InviteFacts): Trunk | undefined {
    const { principal, sourceAddress, trunkId } = invite;
    if (trunkId !== undefined) return this.#byId.get(trunkId);
    if (principal) return principal.kind === 'guest' ? this.#web.find((trunk) => trunk.tenantId === principal.tenantId) : undefined;
    if (isWebSocket(invite.transport)) return undefined;
    const family = isIP(sourceAddress) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(sourceAddress) === 0) return undefined;
    return this.#sip.find(({ addresses }) => addresses.check(sourceAddress, family))?.trunk;
  }
}

/** A browser must have registered: its address alone proves nothing. */
const isWebSocket = (transport: string): boolean => /^wss?$/i.test(transport);

function blockList(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const address of addresses) {
    const [network = '', prefix] = address.split('/');
    const version = isIP(network);
    if (version === 0) throw new RangeError(`${address} is not an IP address or a CIDR block`);
    const family = version === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(network, prefix === undefined ? (version === 6 ? 128 : 32) : Number(prefix), family);
  }
  return list;
}
