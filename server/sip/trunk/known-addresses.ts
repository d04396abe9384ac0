import { BlockList, isIP } from 'node:net';

const MAX_LEARNED = 64;

/** The addresses of one far end: those that its targets are set up with by number, and those that it answered from. */
export class KnownAddresses {
  readonly #list = new BlockList();
  #learned = 0;

  /** Takes an address; what is none, or one too many, is left out. */
  add(address: string): void {
    const version = isIP(address);
    if (version === 0 || this.#learned >= MAX_LEARNED || this.has(address)) return;
    this.#learned += 1;
    this.#list.addAddress(address, version === 6 ? 'ipv6' : 'ipv4');
  }

  /** IPv4 addresses written as IPv6 are the same address. */
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  }
}
