import { randomBytes } from 'node:crypto';
import { AppError } from '../../base/app-error.ts';
import { NONCE_BYTES, openGcm, sealGcm } from './aes-gcm.ts';

/** What a wrapped key is bound to: it cannot be passed off as another's. */
export interface KeyPlace {
  readonly tenantId: string;
  readonly keyId: string;
}

/** Wraps a key under the master key. @returns base64 of nonce, sealed key and tag. */
export function wrapKey(masterKey: Buffer, place: KeyPlace, key: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  return Buffer.concat([nonce, sealGcm({ key: masterKey, nonce, context: contextOf(place) }, key)]).toString('base64');
}

/** @throws AppError `recording.wrong-master-key` when it was wrapped under another, or for another place. */
export function unwrapKey(masterKey: Buffer, place: KeyPlace, wrapped: string): Buffer {
  const bytes = Buffer.from(wrapped, 'base64');
  const key = openGcm({ key: masterKey, nonce: bytes.subarray(0, NONCE_BYTES), context: contextOf(place) }, bytes.subarray(NONCE_BYTES));
  if (key !== undefined) return key;
  throw new AppError({
    code: 'recording.wrong-master-key', category: 'config', details: { keyId: place.keyId },
    message: 'the keys of the recordings were wrapped with another master key; set the one with which they were made',
  });
}

const contextOf = ({ tenantId, keyId }: KeyPlace): Buffer => Buffer.from(JSON.stringify([tenantId, keyId]));
