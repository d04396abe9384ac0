import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../../base/app-error.ts';
import { epochMs, type EpochMs } from '../../base/time.ts';
import { asId, type RecordingId, type TenantId } from '../../model/ids.ts';
import { SAMPLE_RATE } from '../codec/frame.ts';

/** Length of the header of a recording's file; docs/recordings.md has its fields. */
export const HEADER_BYTES = 128;
/** AES-256. */
export const KEY_BYTES = 32;
/** Samples of each channel in a chunk: a second. */
export const CHUNK_SAMPLES = SAMPLE_RATE;

const MAGIC = Buffer.from('ALLOREC\u0001', 'latin1');
const SALT_AT = 64;
const TENANT_AT = 96;

/** What stands in clear before the audio. */
export interface RecordingHeader {
  readonly recordingId: RecordingId;
  /** Which of the tenant's keys the file's own key is derived from. */
  readonly keyId: string;
  readonly channels: 1 | 2;
  readonly sampleRate: number;
  readonly chunkSamples: number;
  readonly startedAt: EpochMs;
}

/** A header and the bytes that it was read from: the bytes are what the key is derived from. */
export interface ReadHeader extends RecordingHeader {
  readonly bytes: Buffer;
}

/** What a new file is made for. */
export interface NewRecordingFile {
  readonly recordingId: RecordingId;
  readonly tenantId: TenantId;
  readonly keyId: string;
  readonly channels: 1 | 2;
  readonly startedAt: EpochMs;
}

/** Makes the header of a new file, with a salt of its own. */
export function makeHeader({ recordingId, tenantId, keyId, channels, startedAt }: NewRecordingFile): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt8(channels, 8);
  bytes.writeUInt32BE(SAMPLE_RATE, 12);
  bytes.writeUInt32BE(CHUNK_SAMPLES, 16);
  bytes.writeBigUInt64BE(BigInt(startedAt), 24);
  bytes.set(uuidBytes(recordingId), 32);
  bytes.set(uuidBytes(keyId), 48);
  bytes.set(randomBytes(TENANT_AT - SALT_AT), SALT_AT);
  bytes.set(tenantDigest(tenantId), TENANT_AT);
  return bytes;
}

/** @throws AppError `recording.damaged` when this is not the header of a recording of the tenant. */
export function readHeader(bytes: Buffer, tenantId: TenantId): ReadHeader {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged('it does not begin as a recording does');
  if (!bytes.subarray(TENANT_AT, HEADER_BYTES).equals(tenantDigest(tenantId))) throw damaged('it belongs to another tenant');
  const channels = bytes.readUInt8(8);
  const chunkSamples = bytes.readUInt32BE(16);
  if ((channels !== 1 && channels !== 2) || chunkSamples === 0 || chunkSamples > 10 * CHUNK_SAMPLES) throw damaged('its header makes no sense');
  return {
    bytes: Buffer.from(bytes.subarray(0, HEADER_BYTES)), channels, chunkSamples, sampleRate: bytes.readUInt32BE(12),
    startedAt: epochMs(Number(bytes.readBigUInt64BE(24))),
    recordingId: asId<RecordingId>(uuidText(bytes.subarray(32, 48))), keyId: uuidText(bytes.subarray(48, 64)),
  };
}

/**
 * The key of one file.
 * @remarks HKDF (RFC 5869) with the header's salt, and the whole header as info: a changed header
 *   gives another key, so nothing of the file can be opened with it. A key of its own lets each
 *   file count its nonces from 0.
 */
export const deriveFileKey = (tenantKey: Uint8Array, header: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', tenantKey, header.subarray(SALT_AT, TENANT_AT), header, KEY_BYTES));

const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** Any 16 bytes as a UUID: a header that was changed is found out by its key, not here. */
const uuidText = (bytes: Buffer): string => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const tenantDigest = (tenantId: TenantId): Buffer => createHash('sha256').update(tenantId).digest();

/** A file that is not what was written. */
export const damaged = (why: string, cause?: unknown): AppError =>
  new AppError({ code: 'recording.damaged', category: 'bug', message: `the recording cannot be read: ${why}`, cause });
