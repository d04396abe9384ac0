import type { TrunkPeer } from '../../model/centre.ts';
import { DigestAccount, type Account } from '../digest/digest-account.ts';
import { DigestExchange } from '../digest/digest-exchange.ts';
import { wayOf } from '../drachtio/dialog-way.ts';
import type { SipDialog } from '../drachtio/messages.ts';
import { parseAddress } from '../headers/sip-uri.ts';
import { KnownAddresses } from './known-addresses.ts';

/** The host of a URI as an address is written: without brackets. */
const hostOf = (uri: string): string => parseAddress(uri).host.replace(/^\[|\]$/g, '');

/**
 * Our account on one trunk, and whom it is for.
 * @remarks RFC 3261 §22.1: what one target asked is not told to another. Outside dialogs requests go to targets that
 *   were set up. Within them they go where the other side says, and a stranger who answers a BYE with 407 would get
 *   a digest to try passwords on at leisure; so only the addresses that the trunk is known by are answered, and only
 *   for realms that asked before, if any did.
 */
export class TrunkAccount {
  readonly #account: Account | undefined;
  readonly #peer: Pick<TrunkPeer, 'targets' | 'domain'>;
  readonly #byTarget = new Map<string, DigestAccount>();
  readonly #addresses = new KnownAddresses();

  /** @param account - absent for a trunk that knows us by our address. */
  constructor(account: Account | undefined, peer: Pick<TrunkPeer, 'targets' | 'domain'>) {
    this.#account = account;
    this.#peer = peer;
    for (const target of peer.targets) this.#addresses.add(hostOf(target));
  }

  /** Hears that a target answered from an address: a name may stand for several. */
  learn(address: string | undefined): void {
    if (address !== undefined) this.#addresses.add(address);
  }

  /** For a request to a target; nothing without an account. */
  exchangeWith(target: string): DigestExchange | undefined {
    const account = this.#at(target);
    return account && new DigestExchange(account);
  }

  /**
   * For the requests of one dialog, each of which gets an exchange of its own.
   * @param target - where the dialog's INVITE went, or the target that it came from.
   */
  exchangesIn(dialog: SipDialog, target: string): (() => DigestExchange) | undefined {
    const account = this.#at(target);
    if (account === undefined) return undefined;
    const { nextHop, peerAddress } = wayOf(dialog);
    const isProactive = this.#isOurs(hostOf(nextHop), peerAddress);
    return () => new DigestExchange(account, {
      isProactive,
      accepts: ({ realm }, from) => this.#isOurs(from ?? '', peerAddress) && (account.isUnasked || account.knows(realm)),
    });
  }

  #isOurs(host: string, peerAddress: string): boolean {
    if (host === '') return false;
    const names = [peerAddress, this.#peer.domain, ...this.#peer.targets.map(hostOf)];
    return names.includes(host) || this.#addresses.has(host);
  }

  #at(target: string): DigestAccount | undefined {
    if (this.#account === undefined) return undefined;
    const account = this.#byTarget.get(target) ?? new DigestAccount(this.#account);
    this.#byTarget.set(target, account);
    return account;
  }
}
