import { createCipheriv } from 'node:crypto';

/** What a session key is for (RFC 3711 §4.3.2). */
export const KEY_LABELS = {
  rtpCipher: 0, rtpAuth: 1, rtpSalt: 2,
  rtcpCipher: 3, rtcpAuth: 4, rtcpSalt: 5,
} as const;

/** Length of the salt that the derivation works with; a shorter one is filled up with zeros. */
const SALT_BYTES = 14;

/**
 * Derives one session key from a master key.
 * @remarks RFC 3711 §4.3.1 and §4.3.3, key derivation rate 0; RFC 7714 §11 for the salt of 96 bits.
 * @param label - one of {@link KEY_LABELS}.
 * @param length - bytes of the key wanted.
 */
export function deriveSessionKey(masterKey: Buffer, masterSalt: Buffer, label: number, length: number): Buffer {
  const counter = Buffer.alloc(16);
  masterSalt.copy(counter, 0, 0, SALT_BYTES);
  counter.writeUInt8(counter.readUInt8(7) ^ label, 7);
  return createCipheriv(`aes-${masterKey.length * 8}-ctr`, masterKey, counter).update(Buffer.alloc(length));
}
