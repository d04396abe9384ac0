import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Length of what GCM adds to each sealed piece. */
export const TAG_BYTES = 16;
/** Length of a nonce (NIST SP 800-38D §8.2). */
export const NONCE_BYTES = 12;

const ALGORITHM = 'aes-256-gcm';

/** With what a piece is sealed. */
export interface GcmPlace {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes, never used twice with the key. */
  readonly nonce: Uint8Array;
  /** Authenticated beside the piece. */
  readonly context?: Uint8Array;
}

/** Seals a piece. @returns it encrypted, and the tag. */
export function sealGcm({ key, nonce, context }: GcmPlace, plain: Uint8Array): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  if (context !== undefined) cipher.setAAD(context);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Opens a piece. @returns nothing when it was changed, or was sealed with something else. */
export function openGcm({ key, nonce, context }: GcmPlace, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < TAG_BYTES || nonce.length !== NONCE_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  if (context !== undefined) decipher.setAAD(context);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    // The tag does not fit: that is all that OpenSSL says.
    return undefined;
  }
}
