import { randomBytes } from 'node:crypto';
import { NONCE_BYTES, openGcm, sealGcm } from './aes-gcm.ts';
import { damaged } from './recording-header.ts';

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
    return sealGcm({ key: this.#key, nonce: nonceOfChunk(index) }, plain);
  }

  /** @throws AppError `recording.damaged` when it is not chunk `index` of this file, unchanged. */
  openChunk(index: number, sealed: Uint8Array): Buffer {
    const plain = openGcm({ key: this.#key, nonce: nonceOfChunk(index) }, sealed);
    if (plain === undefined) throw damaged(`chunk ${index} was changed, or the key is another`);
    return plain;
  }

  /** Seals a footer under a nonce that goes with it. */
  sealFooter(plain: Uint8Array): { readonly nonce: Buffer; readonly sealed: Buffer } {
    const nonce = randomBytes(NONCE_BYTES);
    nonce.writeUInt8(OF_FOOTER, 0);
    return { nonce, sealed: sealGcm({ key: this.#key, nonce }, plain) };
  }

  /** @throws AppError `recording.damaged` when it is not the footer of this file, unchanged. */
  openFooter(nonce: Uint8Array, sealed: Uint8Array): Buffer {
    const plain = nonce[0] === OF_FOOTER ? openGcm({ key: this.#key, nonce }, sealed) : undefined;
    if (plain === undefined) throw damaged('its footer was changed, or the key is another');
    return plain;
  }
}

function nonceOfChunk(index: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES, OF_AUDIO);
  nonce.writeUIntBE(index, NONCE_BYTES - 6, 6);
  return nonce;
}
