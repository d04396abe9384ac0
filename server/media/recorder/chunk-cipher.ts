import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { damaged } from './recording-header.ts';

/** Length of what GCM adds to each sealed piece. */
export const TAG_BYTES = 16;
/** Length of a nonce of GCM (NIST SP 800-38D §8.2). */
export const NONCE_BYTES = 12;

const ALGORITHM = 'aes-256-gcm';
/** First byte of the nonces: the two kinds of pieces never share one. */
const OF_AUDIO = 0;
const OF_FOOTER = 1;

/**
 * Seals and opens the pieces of one file with its own key: AES-256-GCM.
 * @remarks NIST SP 800-38D §8.2.1: the nonce of a chunk is its number, so a chunk that is moved,
 *   left out or sealed twice does not open. A footer may be written a second time after a crash;
 *   its nonce is random.
 */
export class ChunkCipher {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Seals chunk number `index`; a file seals each number once. */
  sealChunk(index: number, plain: Uint8Array): Buffer {
    return this.#seal(nonceOfChunk(index), plain);
  }

  /** @throws AppError `recording.damaged` when it is not chunk `index` of this file, unchanged. */
  openChunk(index: number, sealed: Uint8Array): Buffer {
    return this.#open(nonceOfChunk(index), sealed, `chunk ${index}`);
  }

  /** Seals a footer under a nonce that goes with it. */
  sealFooter(plain: Uint8Array): { readonly nonce: Buffer; readonly sealed: Buffer } {
    const nonce = randomBytes(NONCE_BYTES);
    nonce.writeUInt8(OF_FOOTER, 0);
    return { nonce, sealed: this.#seal(nonce, plain) };
  }

  /** @throws AppError `recording.damaged` when it is not the footer of this file, unchanged. */
  openFooter(nonce: Uint8Array, sealed: Uint8Array): Buffer {
    if (nonce[0] !== OF_FOOTER) throw damaged('its footer is not one');
    return this.#open(nonce, sealed, 'the footer');
  }

  #seal(nonce: Uint8Array, plain: Uint8Array): Buffer {
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce);
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  #open(nonce: Uint8Array, sealed: Uint8Array, what: string): Buffer {
    if (sealed.length < TAG_BYTES) throw damaged(`${what} is cut off`);
    const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw damaged(`${what} was changed, or the key is another`, cause);
    }
  }
}

function nonceOfChunk(index: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES, OF_AUDIO);
  nonce.writeUIntBE(index, NONCE_BYTES - 6, 6);
  return nonce;
}
