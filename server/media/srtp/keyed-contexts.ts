import type { InlineKey } from '../sdp/crypto-attribute.ts';
import { SrtpContext } from './srtp-context.ts';
import type { InboundProtection } from './srtp-context.ts';
import type { SrtpProfile } from './packet-cipher.ts';

/** Bytes after the MKI, by profile: the tag of HMAC, nothing where the tag belongs to the ciphertext (RFC 7714 §5.2). */
const BYTES_AFTER: Readonly<Record<SrtpProfile, { readonly rtp: number; readonly rtcp: number }>> = {
  AES_CM_128_HMAC_SHA1_80: { rtp: 10, rtcp: 10 },
  AES_CM_128_HMAC_SHA1_32: { rtp: 4, rtcp: 10 },
  AEAD_AES_128_GCM: { rtp: 0, rtcp: 0 },
};

/**
 * Opens packets that say by a master key identifier which of their sender's keys they are encrypted with.
 * @remarks RFC 3711 §3.1 (where it stands), RFC 4568 §6.1 (how the keys are told).
 */
export class KeyedContexts implements InboundProtection {
  readonly #profile: SrtpProfile;
  readonly #contexts: ReadonlyMap<string, SrtpContext>;
  readonly #mkiBytes: number;

  private constructor(profile: SrtpProfile, contexts: ReadonlyMap<string, SrtpContext>, mkiBytes: number) {
    this.#profile = profile;
    this.#contexts = contexts;
    this.#mkiBytes = mkiBytes;
  }

  /** What opens packets of these keys: one without an identifier needs nothing but its context. */
  static for(profile: SrtpProfile, keys: readonly [InlineKey, ...(readonly InlineKey[])]): InboundProtection {
    const [{ master, mki }] = keys;
    if (mki === undefined) return new SrtpContext(profile, master);
    const contexts = keys.map((key) => [key.mki?.toString('hex') ?? '', new SrtpContext(profile, key.master)] as const);
    return new KeyedContexts(profile, new Map(contexts), mki.length);
  }

  unprotect(packet: Buffer): Buffer | undefined {
    const taken = this.#takeIdentifier(packet, BYTES_AFTER[this.#profile].rtp);
    return taken?.context.unprotect(taken.packet);
  }

  unprotectControl(packet: Buffer): Buffer | undefined {
    const taken = this.#takeIdentifier(packet, BYTES_AFTER[this.#profile].rtcp);
    return taken?.context.unprotectControl(taken.packet);
  }

  /** Takes the identifier out of the packet, in place. */
  #takeIdentifier(packet: Buffer, bytesAfter: number): { readonly context: SrtpContext; readonly packet: Buffer } | undefined {
    const at = packet.length - bytesAfter - this.#mkiBytes;
    const context = at < 0 ? undefined : this.#contexts.get(packet.toString('hex', at, at + this.#mkiBytes));
    if (context === undefined) return undefined;
    packet.copyWithin(at, at + this.#mkiBytes);
    return { context, packet: packet.subarray(0, packet.length - this.#mkiBytes) };
  }
}
