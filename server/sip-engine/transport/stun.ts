import { isIPv6 } from 'node:net';
import { crc32 } from 'node:zlib';

const MAGIC_COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
/** RFC 8489 §6.1: a request stays below the smallest path MTU. */
const MAX_BYTES = 548;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;
const ERROR_CODE = 0x0009;
const UNKNOWN_ATTRIBUTES = 0x000a;
const XOR_MAPPED_ADDRESS = 0x0020;
const FINGERPRINT = 0x8028;
const FINGERPRINT_XOR = 0x5354554e;
/** USERNAME, MESSAGE-INTEGRITY, REALM, NONCE: understood, and not needed for a keep-alive. */
const UNDERSTOOD = new Set([0x0006, 0x0008, 0x0014, 0x0015]);
/** Unknown attributes that an error lists; the rest is cut, so that no answer is much larger than its question. */
const MAX_LISTED = 8;

/** Whether a datagram is STUN and not SIP: two zero bits, and the cookie (RFC 8489 §5, RFC 5626 §4.4.2). */
export const isStun = (data: Buffer): boolean =>
  data.length >= HEADER_BYTES && ((data[0] ?? 0xff) & 0xc0) === 0 && data.readUInt32BE(4) === MAGIC_COOKIE;

/**
 * Answers a binding request with the address that it came from.
 * @returns undefined for anything else, which is dropped: indications, responses, broken lengths.
 * @remarks RFC 8489 §7.3.1 and §14.2, as RFC 5626 §8 profiles it: no authentication. At most 24
 *   bytes longer than the question, so that it is of no use for reflection.
 */
export function answerStun(data: Buffer, source: { readonly address: string; readonly port: number }): Buffer | undefined {
  if (!isStun(data) || data.length > MAX_BYTES || data.readUInt16BE(0) !== BINDING_REQUEST) return undefined;
  if (data.readUInt16BE(2) !== data.length - HEADER_BYTES || data.length % 4 !== 0) return undefined;
  const read = readAttributes(data);
  if (read === undefined) return undefined;
  const transaction = data.subarray(8, HEADER_BYTES);
  return read.unknown.length > 0
    ? write(BINDING_ERROR, transaction, [
      attribute(ERROR_CODE, Buffer.from([0, 0, 4, 20])),
      attribute(UNKNOWN_ATTRIBUTES, u16(read.unknown.slice(0, MAX_LISTED))),
    ], read.hasFingerprint)
    : write(BINDING_SUCCESS, transaction, [attribute(XOR_MAPPED_ADDRESS, xorAddress(source, data.subarray(4, HEADER_BYTES)))], read.hasFingerprint);
}

function readAttributes(data: Buffer): { unknown: number[]; hasFingerprint: boolean } | undefined {
  const unknown: number[] = [];
  for (let at = HEADER_BYTES; at < data.length;) {
    if (at + 4 > data.length) return undefined;
    const type = data.readUInt16BE(at);
    const length = data.readUInt16BE(at + 2);
    const next = at + 4 + length + ((4 - (length % 4)) % 4);
    if (next > data.length) return undefined;
    if (type === FINGERPRINT) {
      const isRight = length === 4 && next === data.length && data.readUInt32BE(at + 4) === fingerprint(data.subarray(0, at));
      return isRight ? { unknown, hasFingerprint: true } : undefined;
    }
    if (type < 0x8000 && !UNDERSTOOD.has(type)) unknown.push(type);
    at = next;
  }
  return { unknown, hasFingerprint: false };
}

function write(type: number, transaction: Buffer, attributes: readonly Buffer[], withFingerprint: boolean): Buffer {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length + (withFingerprint ? 8 : 0), 2);
  head.writeUInt32BE(MAGIC_COOKIE, 4);
  const message = Buffer.concat([head, transaction, body]);
  if (!withFingerprint) return message;
  const value = Buffer.alloc(4);
  value.writeUInt32BE(fingerprint(message), 0);
  return Buffer.concat([message, attribute(FINGERPRINT, value)]);
}

const fingerprint = (before: Buffer): number => (crc32(before) ^ FINGERPRINT_XOR) >>> 0;

function attribute(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}

function u16(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}

/** @param mask - magic cookie and transaction id, 16 bytes. */
function xorAddress({ address, port }: { readonly address: string; readonly port: number }, mask: Buffer): Buffer {
  const plain = addressBytes(address);
  const value = Buffer.alloc(4 + plain.length);
  value[1] = plain.length === 16 ? 2 : 1;
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  plain.forEach((byte, index) => { value[4 + index] = byte ^ (mask[index] ?? 0); });
  return value;
}

/** The bytes of a numeric address, 4 or 16. */
export function addressBytes(address: string): Buffer {
  const bare = address.split('%', 1)[0] ?? address;
  if (!isIPv6(bare)) return Buffer.from(bare.split('.').map(Number));
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare);
  const text = dotted === null ? bare : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`;
  const [head = '', tail] = text.split('::');
  const groups = (part: string | undefined): number[] => (part ? part.split(':').map((group) => parseInt(group, 16)) : []);
  const before = groups(head);
  const after = groups(tail);
  return u16([...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]);
}

const hex = (high: string | undefined, low: string | undefined): string => (Number(high) * 256 + Number(low)).toString(16);
