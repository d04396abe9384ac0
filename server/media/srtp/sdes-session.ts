import { randomBytes } from 'node:crypto';
import { CRYPTO_SUITES, formatCrypto } from '../sdp/crypto-attribute.ts';
import type { CryptoAttribute } from '../sdp/crypto-attribute.ts';
import { KeyedContexts } from './keyed-contexts.ts';
import { MASTER_LENGTHS } from './packet-cipher.ts';
import type { MasterKey, SrtpProfile } from './packet-cipher.ts';
import { SrtpContext } from './srtp-context.ts';
import type { SrtpPair } from './secure-link.ts';

interface OwnKey {
  readonly tag: number;
  readonly suite: SrtpProfile;
  readonly master: MasterKey;
}

/** What was agreed on: our key and the peer's, and a context for each, which lives as long as its key. */
interface Established {
  readonly own: OwnKey;
  readonly peer: CryptoAttribute;
  readonly pair: SrtpPair;
}

/**
 * The keys of one leg whose descriptions carry them, over all its negotiations.
 * @remarks RFC 4568 §5.1 (offers and answers), §7.1. An offer with the key from before goes on with its packet count, and
 *   so do we; another key may mean another peer, which does not know how far our count is: ours is then new too.
 */
export class SdesSession {
  #offered: readonly OwnKey[] = [];
  #established: Established | undefined;

  /** Makes fresh keys for an offer of ours. @returns the values of its `a=crypto` lines, best first. */
  offer(): readonly string[] {
    this.#offered = CRYPTO_SUITES.map((suite, i) => ({ tag: i + 1, suite, master: makeMaster(suite) }));
    return this.#offered.map(describe);
  }

  /** Answers the peer's key with one of ours. @returns the value of our `a=crypto` line: the same tag and suite (§5.1.2). */
  answer(peer: CryptoAttribute): string {
    const { tag, suite } = peer;
    const own = this.#goesOn(peer) ?? { tag, suite, master: makeMaster(suite) };
    this.#establish({ ...own, tag }, peer);
    return describe({ ...own, tag });
  }

  /** Takes the key in the answer to our offer. @returns false when it answers none of ours (§5.1.3). */
  accept(peer: CryptoAttribute): boolean {
    const own = this.#offered.find(({ tag, suite }) => tag === peer.tag && suite === peer.suite);
    if (own === undefined) return false;
    this.#establish(own, peer);
    return true;
  }

  /** Voice is not encrypted from now on. */
  clear(): void {
    this.#established = undefined;
  }

  /** The contexts in force. */
  get pair(): SrtpPair | undefined { return this.#established?.pair; }

  #goesOn(peer: CryptoAttribute): OwnKey | undefined {
    const { own, peer: before } = this.#established ?? {};
    return own !== undefined && before !== undefined && isSame(before, peer) ? own : undefined;
  }

  #establish(own: OwnKey, peer: CryptoAttribute): void {
    const before = this.#established;
    const outbound = before?.own.master === own.master ? before.pair.outbound : new SrtpContext(own.suite, own.master);
    const inbound = before !== undefined && isSame(before.peer, peer) ? before.pair.inbound : KeyedContexts.for(peer.suite, peer.keys);
    this.#established = { own, peer, pair: { outbound, inbound } };
  }
}

const describe = ({ tag, suite, master }: OwnKey): string => formatCrypto(tag, suite, master);

function makeMaster(suite: SrtpProfile): MasterKey {
  const { key, salt } = MASTER_LENGTHS[suite];
  return { key: randomBytes(key), salt: randomBytes(salt) };
}

const keyText = ({ suite, keys }: CryptoAttribute): string =>
  [suite, ...keys.map(({ master, mki }) => [master.key, master.salt, mki ?? Buffer.alloc(0)].map((part) => part.toString('hex')).join())].join(';');

const isSame = (one: CryptoAttribute, other: CryptoAttribute): boolean => keyText(one) === keyText(other);
