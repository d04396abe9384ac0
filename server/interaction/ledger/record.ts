import { crc32 } from 'node:zlib';
import { AppError } from '../../base/app-error.ts';
import type { DomainEvent } from '../../model/events.ts';

/** Bytes before the payload: CRC-32 (4), length and window flag (4), position (8), big-endian. */
export const RECORD_HEADER_BYTES = 16;

/** Longest payload: a receipt that names every agent of a very large centre stays well below. */
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** Set in the length field of the first record of a group commit; see {@link classifyDamage}. */
const OPENS_WINDOW = 0x8000_0000;

/** One event with its place in the ledger; positions count from 1 without gaps. */
export interface LedgerRecord {
  readonly position: number;
  readonly event: DomainEvent;
}

/** What stands at one offset of a segment. */
export type Scanned =
  | { readonly kind: 'record'; readonly position: number; readonly opensWindow: boolean; readonly payload: Buffer; readonly next: number }
  /** Nothing more: the offset is the end of the bytes. */
  | { readonly kind: 'end' }
  /** Bytes that are not the expected record; `missing` when they may go on beyond the buffer. */
  | { readonly kind: 'bad'; readonly missing: number };

/**
 * The payload of an event: UTF-8 JSON.
 * @throws AppError `ledger.event-too-large` above {@link MAX_PAYLOAD_BYTES}.
 */
export function encodePayload(event: DomainEvent): Buffer {
  const payload = Buffer.from(JSON.stringify(event));
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new AppError({
      code: 'ledger.event-too-large', category: 'bug', message: `${event.type} is ${payload.length} bytes long`,
      details: { type: event.type, bytes: payload.length, limit: MAX_PAYLOAD_BYTES },
    });
  }
  return payload;
}

/** Puts a header before a payload. `opensWindow` marks the first record of a group commit. */
export function encodeRecord(position: number, payload: Buffer, opensWindow: boolean): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + payload.length);
  record.writeUInt32BE((payload.length + (opensWindow ? OPENS_WINDOW : 0)) >>> 0, 4);
  record.writeBigUInt64BE(BigInt(position), 8);
  payload.copy(record, RECORD_HEADER_BYTES);
  record.writeUInt32BE(crc32(record.subarray(4)), 0);
  return record;
}

/**
 * Reads the event back. The CRC has proved that these bytes are what {@link encodePayload} made;
 * what an older version of the program wrote is judged by whoever folds it.
 */
// A cast because JSON has no types; its truth is the sentence above.
export const decodePayload = (payload: Buffer): DomainEvent => JSON.parse(payload.toString('utf8')) as DomainEvent;

/** Looks at one offset for the record of one position. Pure; never throws. */
export function scanRecord(bytes: Buffer, offset: number, position: number): Scanned {
  const left = bytes.length - offset;
  if (left === 0) return { kind: 'end' };
  if (left < RECORD_HEADER_BYTES) return { kind: 'bad', missing: RECORD_HEADER_BYTES - left };
  const field = bytes.readUInt32BE(offset + 4);
  const length = field % OPENS_WINDOW;
  if (length > MAX_PAYLOAD_BYTES || bytes.readBigUInt64BE(offset + 8) !== BigInt(position)) return { kind: 'bad', missing: 0 };
  const next = offset + RECORD_HEADER_BYTES + length;
  if (next > bytes.length) return { kind: 'bad', missing: next - bytes.length };
  if (crc32(bytes.subarray(offset + 4, next)) !== bytes.readUInt32BE(offset)) return { kind: 'bad', missing: 0 };
  return { kind: 'record', position, opensWindow: field >= OPENS_WINDOW, payload: bytes.subarray(offset + RECORD_HEADER_BYTES, next), next };
}

/** Whether bytes that cannot be read were never acknowledged, or were and are damaged. */
export type Damage = 'torn-tail' | 'corrupt';

/**
 * Tells a torn tail from corruption. A group commit starts only when the one before it is on
 * disk; so a readable record *that opens a later window* proves that the damaged bytes had been
 * acknowledged. Without one they belong to the last window, which the crash cut short (its
 * blocks may have reached the disk in any order).
 * @param offset - where the first unreadable record starts.
 * @param position - the position that was expected there.
 */
export function classifyDamage(bytes: Buffer, offset: number, position: number): Damage {
  for (let at = offset + 1; at + RECORD_HEADER_BYTES <= bytes.length; at += 1) {
    if (bytes.readUInt32BE(at + 4) < OPENS_WINDOW) continue;
    const found = Number(bytes.readBigUInt64BE(at + 8));
    if (found <= position || found - position > bytes.length) continue;
    if (scanRecord(bytes, at, found).kind === 'record') return 'corrupt';
  }
  return 'torn-tail';
}
