/** Length of an RTP header without CSRC and extension, in bytes. */
export const RTP_HEADER_BYTES = 12;
/** Longest datagram that is looked at: a G.711 packet of 60 ms has 492 bytes. */
export const MAX_RTP_BYTES = 1_500;

/** The fields of a received RTP packet; reused between packets so that none is made for each. */
export interface RtpFields {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** Where the payload begins and ends in the datagram. */
  payloadStart: number;
  payloadEnd: number;
}

/** An empty holder for {@link parseRtp}. */
export const makeRtpFields = (): RtpFields =>
  ({ payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc: 0, payloadStart: 0, payloadEnd: 0 });

/**
 * Reads the header of a datagram into `into`.
 * @remarks RFC 3550 §5.1; header extension §5.3.1; padding is cut off.
 * @returns false when it is not a whole RTP version 2 packet, with `into` in an unknown state.
 */
export function parseRtp(datagram: Buffer, into: RtpFields): boolean {
  if (datagram.length < RTP_HEADER_BYTES || datagram.length > MAX_RTP_BYTES) return false;
  const first = datagram.readUInt8(0);
  if (first >> 6 !== 2) return false;
  const second = datagram.readUInt8(1);
  let start = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (start + 4 > datagram.length) return false;
    start += 4 + datagram.readUInt16BE(start + 2) * 4;
  }
  let end = datagram.length;
  if (start > end) return false;
  if ((first & 0x20) !== 0) {
    const padding = datagram.readUInt8(end - 1);
    if (padding === 0 || padding > end - start) return false;
    end -= padding;
  }
  into.marker = (second & 0x80) !== 0;
  into.payloadType = second & 0x7f;
  into.sequence = datagram.readUInt16BE(2);
  into.timestamp = datagram.readUInt32BE(4);
  into.ssrc = datagram.readUInt32BE(8);
  into.payloadStart = start;
  into.payloadEnd = end;
  return true;
}

/** What an outgoing header says. */
export interface RtpHeaderValues {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/**
 * Writes a 12-byte header at the start of `packet`, in place.
 * @remarks RFC 3550 §5.1.
 */
export function writeRtpHeader(packet: Buffer, header: RtpHeaderValues): void {
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8((header.marker ? 0x80 : 0) | header.payloadType, 1);
  packet.writeUInt16BE(header.sequence & 0xffff, 2);
  packet.writeUInt32BE(header.timestamp >>> 0, 4);
  packet.writeUInt32BE(header.ssrc >>> 0, 8);
}

/**
 * Whether a datagram on a multiplexed port is RTCP.
 * @remarks RFC 5761 §4: packet types 192–223 where RTP has its marker and payload type.
 */
export function isRtcp(datagram: Buffer): boolean {
  if (datagram.length < 8) return false;
  const type = datagram.readUInt8(1);
  return type >= 192 && type <= 223;
}
