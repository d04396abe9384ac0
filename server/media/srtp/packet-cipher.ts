import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../base/app-error.ts';
import { deriveSessionKey, KEY_LABELS } from './key-derivation.ts';

/** The protection profiles of browsers (RFC 5764 §4.1.2, RFC 7714 §14.2) and of trunks (RFC 4568 §6.2), by their names in SDP. */
export type SrtpProfile = 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32' | 'AEAD_AES_128_GCM';

/** A master key with its salt, for one direction. */
export interface MasterKey {
  readonly key: Buffer;
  readonly salt: Buffer;
}

/** Master key and salt lengths by profile, in bytes. */
export const MASTER_LENGTHS: Readonly<Record<SrtpProfile, { readonly key: number; readonly salt: number }>> = {
  AES_CM_128_HMAC_SHA1_80: { key: 16, salt: 14 },
  AES_CM_128_HMAC_SHA1_32: { key: 16, salt: 14 },
  AEAD_AES_128_GCM: { key: 16, salt: 12 },
};

/**
 * Encrypts and authenticates the body of one packet; one for RTP and one for RTCP in each
 * direction.
 */
export interface PacketCipher {
  /** Bytes that the tag adds. */
  readonly tagBytes: number;
  /**
   * Encrypts in place and writes the tag.
   * @param packet - header, body, and `tagBytes` of room right after the body.
   * @param trailer - authenticated too, but not sent by this cipher: the roll-over counter for
   *   RTP, the index word for RTCP.
   */
  seal(packet: Buffer, bodyStart: number, place: PacketPlace, trailer: Buffer): void;
  /** Checks the tag and decrypts in place. @returns false when the packet is not authentic. */
  open(packet: Buffer, bodyStart: number, place: PacketPlace, trailer: Buffer): boolean;
}

/** Which packet of which source it is. */
export interface PacketPlace {
  readonly ssrc: number;
  readonly index: number;
}

/** Makes the cipher of one direction, for RTP or for RTCP. */
export function makePacketCipher(profile: SrtpProfile, master: MasterKey, kind: 'rtp' | 'rtcp'): PacketCipher {
  const labels = kind === 'rtp'
    ? { cipher: KEY_LABELS.rtpCipher, auth: KEY_LABELS.rtpAuth, salt: KEY_LABELS.rtpSalt }
    : { cipher: KEY_LABELS.rtcpCipher, auth: KEY_LABELS.rtcpAuth, salt: KEY_LABELS.rtcpSalt };
  const lengths = MASTER_LENGTHS[profile];
  if (master.key.length !== lengths.key || master.salt.length !== lengths.salt) {
    throw new AppError({ code: 'media.bad-srtp-key', category: 'bug', message: `a master key of ${master.key.length} and a salt of ${master.salt.length} bytes do not fit ${profile}` });
  }
  const derive = (label: number, length: number): Buffer => deriveSessionKey(master.key, master.salt, label, length);
  const key = derive(labels.cipher, lengths.key);
  const salt = derive(labels.salt, lengths.salt);
  if (profile === 'AEAD_AES_128_GCM') return new GcmCipher(key, salt, kind);
  const isShort = profile === 'AES_CM_128_HMAC_SHA1_32' && kind === 'rtp';
  return new CounterCipher(key, salt, derive(labels.auth, 20), isShort ? SHORT_HMAC_TAG_BYTES : HMAC_TAG_BYTES);
}

const HMAC_TAG_BYTES = 10;
/** RTCP keeps the long tag under the short profile (RFC 3711 §5.2, RFC 4568 §6.2.2). */
const SHORT_HMAC_TAG_BYTES = 4;
const BLOCK_BYTES = 16;
/** Longest body: a datagram. */
const MAX_BODY_BYTES = 2_048;

/**
 * AES in counter mode with HMAC-SHA1.
 * @remarks RFC 3711 §4.1.1 and §4.2.1. The key stream is made by one ECB cipher that lives as
 *   long as the key: setting a cipher up for each packet would cost more than the encryption.
 */
export class CounterCipher implements PacketCipher {
  readonly tagBytes: number;
  readonly #ecb: ReturnType<typeof createCipheriv>;
  readonly #salt: Buffer;
  readonly #authKey: Buffer;
  readonly #counters = Buffer.alloc(MAX_BODY_BYTES);

  constructor(key: Buffer, salt: Buffer, authKey: Buffer, tagBytes: number = HMAC_TAG_BYTES) {
    this.tagBytes = tagBytes;
    this.#ecb = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    this.#salt = salt;
    this.#authKey = authKey;
  }

  seal(packet: Buffer, bodyStart: number, place: PacketPlace, trailer: Buffer): void {
    const end = packet.length - this.tagBytes;
    this.#cover(packet, bodyStart, end, place);
    this.#tag(packet.subarray(0, end), trailer).copy(packet, end, 0, this.tagBytes);
  }

  open(packet: Buffer, bodyStart: number, place: PacketPlace, trailer: Buffer): boolean {
    const end = packet.length - this.tagBytes;
    const tag = this.#tag(packet.subarray(0, end), trailer).subarray(0, this.tagBytes);
    if (!timingSafeEqual(tag, packet.subarray(end))) return false;
    this.#cover(packet, bodyStart, end, place);
    return true;
  }

  #tag(authenticated: Buffer, trailer: Buffer): Buffer {
    return createHmac('sha1', this.#authKey).update(authenticated).update(trailer).digest();
  }

  /** Adds the key stream to the body: encrypts and decrypts alike. */
  #cover(packet: Buffer, start: number, end: number, place: PacketPlace): void {
    const stream = this.keyStream(end - start, place);
    for (let i = start; i < end; i += 1) packet[i] = (packet[i] as number) ^ (stream[i - start] as number); // Within both.
  }

  /** The key stream of one packet; public for the test vectors of RFC 3711 B.2. */
  keyStream(length: number, { ssrc, index }: PacketPlace): Buffer {
    const blocks = Math.ceil(length / BLOCK_BYTES);
    const counters = blocks * BLOCK_BYTES <= MAX_BODY_BYTES ? this.#counters : Buffer.alloc(blocks * BLOCK_BYTES);
    const high = Math.floor(index / 0x1_0000_0000) & 0xffff;
    const low = index >>> 0;
    for (let block = 0; block < blocks; block += 1) {
      const at = block * BLOCK_BYTES;
      this.#salt.copy(counters, at);
      counters.writeUInt32BE((counters.readUInt32BE(at + 4) ^ ssrc) >>> 0, at + 4);
      counters.writeUInt16BE(counters.readUInt16BE(at + 8) ^ high, at + 8);
      counters.writeUInt32BE((counters.readUInt32BE(at + 10) ^ low) >>> 0, at + 10);
      counters.writeUInt16BE(block, at + 14);
    }
    return this.#ecb.update(counters.subarray(0, blocks * BLOCK_BYTES));
  }
}

const GCM_TAG_BYTES = 16;

/**
 * AES-GCM.
 * @remarks RFC 7714 §8 (RTP) and §9 (RTCP, with encryption): the header is authenticated, for
 *   RTCP with the index word.
 */
export class GcmCipher implements PacketCipher {
  readonly tagBytes = GCM_TAG_BYTES;
  readonly #key: Buffer;
  readonly #salt: Buffer;
  readonly #kind: 'rtp' | 'rtcp';
  readonly #iv = Buffer.alloc(12);

  constructor(key: Buffer, salt: Buffer, kind: 'rtp' | 'rtcp') {
    this.#key = key;
    this.#salt = salt;
    this.#kind = kind;
  }

  seal(packet: Buffer, bodyStart: number, place: PacketPlace, trailer: Buffer): void {
    const end = packet.length - GCM_TAG_BYTES;
    const cipher = createCipheriv('aes-128-gcm', this.#key, this.#initialVector(place));
    cipher.setAAD(this.#authenticated(packet, bodyStart, trailer));
    cipher.update(packet.subarray(bodyStart, end)).copy(packet, bodyStart);
    cipher.final();
    cipher.getAuthTag().copy(packet, end);
  }

  open(packet: Buffer, bodyStart: number, place: PacketPlace, trailer: Buffer): boolean {
    const end = packet.length - GCM_TAG_BYTES;
    const decipher = createDecipheriv('aes-128-gcm', this.#key, this.#initialVector(place));
    decipher.setAAD(this.#authenticated(packet, bodyStart, trailer)).setAuthTag(packet.subarray(end));
    const plain = decipher.update(packet.subarray(bodyStart, end));
    try {
      decipher.final();
    } catch {
      return false; // Its only fault is a tag that does not fit; the message says no more.
    }
    plain.copy(packet, bodyStart);
    return true;
  }

  #authenticated(packet: Buffer, bodyStart: number, trailer: Buffer): Buffer {
    const header = packet.subarray(0, bodyStart);
    return this.#kind === 'rtp' ? header : Buffer.concat([header, trailer]);
  }

  #initialVector({ ssrc, index }: PacketPlace): Buffer {
    const iv = this.#iv;
    this.#salt.copy(iv);
    iv.writeUInt32BE((iv.readUInt32BE(2) ^ ssrc) >>> 0, 2);
    iv.writeUInt16BE(iv.readUInt16BE(6) ^ (Math.floor(index / 0x1_0000_0000) & 0xffff), 6);
    iv.writeUInt32BE((iv.readUInt32BE(8) ^ (index >>> 0)) >>> 0, 8);
    return iv;
  }
}
