import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import { PacketIndex } from './packet-index.ts';
import { makePacketCipher } from './packet-cipher.ts';
import type { MasterKey, PacketCipher, PacketPlace, SrtpProfile } from './packet-cipher.ts';

/** Sources of one peer that are followed; a browser has one, two across a renegotiation. */
const MAX_SOURCES = 8;
const RTCP_HEADER_BYTES = 8;
const INDEX_BYTES = 4;
const ENCRYPTED_FLAG = 0x8000_0000;
const SEQUENCE_RANGE = 0x1_0000;
const HALF_RANGE = 0x8000;

/** What opens the packets of one direction. */
export interface InboundProtection {
  /** Decrypts in place. @returns the packet without its tag; undefined when it is not authentic, a replay, or no RTP. */
  unprotect(packet: Buffer): Buffer | undefined;
  /** @returns the compound packet; undefined when it is not authentic, a replay, or not encrypted. */
  unprotectControl(packet: Buffer): Buffer | undefined;
}

/**
 * Encrypts or decrypts the packets of one direction of one leg.
 * @remarks RFC 3711 §3 (packets), §3.3 (processing), §3.4 (RTCP), RFC 7714.
 */
export class SrtpContext implements InboundProtection {
  readonly #rtp: PacketCipher;
  readonly #rtcp: PacketCipher;
  readonly #sources = new Map<number, PacketIndex>();
  readonly #controlSeen = new PacketIndex();
  #controlIndex = 0;
  readonly #trailer = Buffer.alloc(4);

  constructor(profile: SrtpProfile, master: MasterKey) {
    this.#rtp = makePacketCipher(profile, master, 'rtp');
    this.#rtcp = makePacketCipher(profile, master, 'rtcp');
  }

  /** @returns the encrypted packet; `packet` itself is left alone. */
  protect(packet: Buffer): Buffer {
    const bodyStart = headerLength(packet);
    const ssrc = packet.readUInt32BE(8);
    const source = this.#sources.get(ssrc) ?? new PacketIndex();
    this.#sources.set(ssrc, source);
    const index = source.estimate(packet.readUInt16BE(2));
    source.remember(index);
    const sealed = Buffer.allocUnsafe(packet.length + this.#rtp.tagBytes);
    packet.copy(sealed);
    this.#rtp.seal(sealed, bodyStart, { ssrc, index }, this.#rollOver(index));
    return sealed;
  }

  unprotect(packet: Buffer): Buffer | undefined {
    const bodyStart = headerLength(packet);
    if (bodyStart < 0 || packet.length < bodyStart + this.#rtp.tagBytes) return undefined;
    const ssrc = packet.readUInt32BE(8);
    const known = this.#sources.get(ssrc);
    if (known === undefined && this.#sources.size >= MAX_SOURCES) return undefined;
    const source = known ?? new PacketIndex();
    const index = source.estimate(packet.readUInt16BE(2));
    if (source.isReplay(index)) return undefined;
    const found = this.#open(packet, bodyStart, { ssrc, index }, known === undefined);
    if (found === undefined) return undefined;
    source.remember(found);
    if (known === undefined) this.#sources.set(ssrc, source);
    return packet.subarray(0, packet.length - this.#rtp.tagBytes);
  }

  /**
   * Decrypts a packet as the one of this index.
   * @param isFirst - of its source: those before it may be lost, and the sequence number may have passed its end among them.
   * @returns the index that it was encrypted with; undefined when it is not authentic.
   */
  #open(packet: Buffer, bodyStart: number, { ssrc, index }: PacketPlace, isFirst: boolean): number | undefined {
    const tries = isFirst && index < HALF_RANGE ? [index, index + SEQUENCE_RANGE] : [index];
    return tries.find((place) => this.#rtp.open(packet, bodyStart, { ssrc, index: place }, this.#rollOver(place)));
  }

  /** @returns the encrypted compound packet with its index (RFC 3711 §3.4). */
  protectControl(packet: Buffer): Buffer {
    const index = this.#controlIndex;
    this.#controlIndex = (index + 1) % ENCRYPTED_FLAG;
    const trailer = Buffer.alloc(INDEX_BYTES);
    trailer.writeUInt32BE((ENCRYPTED_FLAG | index) >>> 0);
    const sealed = Buffer.alloc(packet.length + this.#rtcp.tagBytes);
    packet.copy(sealed);
    this.#rtcp.seal(sealed, RTCP_HEADER_BYTES, { ssrc: packet.readUInt32BE(4), index }, trailer);
    return this.#joinControl(sealed, trailer);
  }

  unprotectControl(packet: Buffer): Buffer | undefined {
    const { tagBytes } = this.#rtcp;
    if (packet.length < RTCP_HEADER_BYTES + INDEX_BYTES + tagBytes) return undefined;
    const { sealed, trailer } = this.#splitControl(packet);
    const word = trailer.readUInt32BE();
    if (word < ENCRYPTED_FLAG) return undefined;
    const index = word - ENCRYPTED_FLAG;
    if (this.#controlSeen.isReplay(index)) return undefined;
    if (!this.#rtcp.open(sealed, RTCP_HEADER_BYTES, { ssrc: packet.readUInt32BE(4), index }, trailer)) return undefined;
    this.#controlSeen.remember(index);
    return sealed.subarray(0, sealed.length - tagBytes);
  }

  /** The index word stands before an HMAC tag, and after a GCM tag (RFC 7714 §9.2). */
  #joinControl(sealed: Buffer, trailer: Buffer): Buffer {
    if (this.#rtcp.tagBytes === 16) return Buffer.concat([sealed, trailer]);
    const body = sealed.length - this.#rtcp.tagBytes;
    return Buffer.concat([sealed.subarray(0, body), trailer, sealed.subarray(body)]);
  }

  #splitControl(packet: Buffer): { readonly sealed: Buffer; readonly trailer: Buffer } {
    const { tagBytes } = this.#rtcp;
    const wordAt = tagBytes === 16 ? packet.length - INDEX_BYTES : packet.length - tagBytes - INDEX_BYTES;
    return {
      sealed: Buffer.concat([packet.subarray(0, wordAt), packet.subarray(wordAt + INDEX_BYTES)]),
      trailer: packet.subarray(wordAt, wordAt + INDEX_BYTES),
    };
  }

  #rollOver(index: number): Buffer {
    this.#trailer.writeUInt32BE(Math.floor(index / 0x1_0000) >>> 0);
    return this.#trailer;
  }
}

/** Length of an RTP header with CSRC and extension; −1 when it is not one (RFC 3550 §5.1, §5.3.1). */
function headerLength(packet: Buffer): number {
  if (packet.length < RTP_HEADER_BYTES) return -1;
  const first = packet.readUInt8(0);
  if (first >> 6 !== 2) return -1;
  let length = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (length + 4 > packet.length) return -1;
    length += 4 + packet.readUInt16BE(length + 2) * 4;
  }
  return length > packet.length ? -1 : length;
}
