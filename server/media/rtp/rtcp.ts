import type { ReportBlock } from './reception.ts';

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const BYE = 203;
const NTP_EPOCH_OFFSET_S = 2_208_988_800;

/** What a sender report says of what we sent. */
export interface SenderFigures {
  readonly ssrc: number;
  readonly epochMs: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
}

/** When the peer's last sender report came, to answer with (RFC 3550 §6.4.1, LSR and DLSR). */
export interface LastSenderReport {
  /** Middle 32 bits of its NTP timestamp. */
  readonly middleNtp: number;
  /** Milliseconds since it came. */
  readonly ageMs: number;
}

/** The peer's view of our stream, in the units of the report block. */
export interface PeerView {
  readonly fractionLost: number;
  readonly cumulativeLost: number;
  /** Extended by its cycles: does not move while the peer receives nothing. */
  readonly highestSequence: number;
  readonly jitter: number;
  /** Middle NTP of our last sender report as the peer saw it, 0 for none. */
  readonly lsr: number;
  /** How long the peer held it, in 1/65,536 s. */
  readonly dlsr: number;
}

/** What a compound packet from the peer tells us. */
export interface PeerReport {
  /** Middle 32 bits of the NTP timestamp, when it is a sender report. */
  readonly middleNtp?: number;
  readonly aboutUs?: PeerView;
  readonly bye: boolean;
}

/** Middle 32 bits of the NTP time of a wall-clock instant (RFC 3550 §4). */
export function middleNtp(epochMs: number): number {
  const seconds = Math.floor(epochMs / 1_000) + NTP_EPOCH_OFFSET_S;
  const fraction = Math.floor(((epochMs % 1_000) / 1_000) * 0x1_0000);
  return (((seconds & 0xffff) << 16) | fraction) >>> 0;
}

/**
 * Builds a compound report: SR when we sent something, else RR, and an SDES with the CNAME.
 * @remarks RFC 3550 §6.1, §6.4, §6.5.
 */
export function buildReport(sender: SenderFigures, cname: string, block?: ReportBlock, last?: LastSenderReport): Buffer {
  const head = sender.packets > 0 ? 28 : 8;
  const name = Buffer.from(cname, 'ascii').subarray(0, 255);
  const sdesBytes = 8 + Math.ceil((2 + name.length + 1) / 4) * 4;
  const reportBytes = head + (block === undefined ? 0 : 24);
  const packet = Buffer.alloc(reportBytes + sdesBytes);
  packet.writeUInt8(0x80 | (block === undefined ? 0 : 1), 0);
  packet.writeUInt8(sender.packets > 0 ? SENDER_REPORT : RECEIVER_REPORT, 1);
  packet.writeUInt16BE(reportBytes / 4 - 1, 2);
  packet.writeUInt32BE(sender.ssrc, 4);
  if (sender.packets > 0) writeSenderInfo(packet, sender);
  if (block !== undefined) writeBlock(packet, head, block, last);
  packet.writeUInt8(0x81, reportBytes);
  packet.writeUInt8(SOURCE_DESCRIPTION, reportBytes + 1);
  packet.writeUInt16BE(sdesBytes / 4 - 1, reportBytes + 2);
  packet.writeUInt32BE(sender.ssrc, reportBytes + 4);
  packet.writeUInt8(1, reportBytes + 8);
  packet.writeUInt8(name.length, reportBytes + 9);
  name.copy(packet, reportBytes + 10);
  return packet;
}

function writeSenderInfo(packet: Buffer, sender: SenderFigures): void {
  packet.writeUInt32BE((Math.floor(sender.epochMs / 1_000) + NTP_EPOCH_OFFSET_S) >>> 0, 8);
  packet.writeUInt32BE(Math.floor(((sender.epochMs % 1_000) / 1_000) * 0x1_0000_0000) >>> 0, 12);
  packet.writeUInt32BE(sender.rtpTimestamp >>> 0, 16);
  packet.writeUInt32BE(sender.packets >>> 0, 20);
  packet.writeUInt32BE(sender.octets >>> 0, 24);
}

function writeBlock(packet: Buffer, at: number, block: ReportBlock, last?: LastSenderReport): void {
  packet.writeUInt32BE(block.ssrc, at);
  packet.writeUInt8(block.fractionLost, at + 4);
  packet.writeIntBE(block.cumulativeLost, at + 5, 3);
  packet.writeUInt32BE(block.highestSequence, at + 8);
  packet.writeUInt32BE(block.jitter, at + 12);
  packet.writeUInt32BE(last?.middleNtp ?? 0, at + 16);
  packet.writeUInt32BE(last === undefined ? 0 : Math.floor((last.ageMs * 0x1_0000) / 1_000) >>> 0, at + 20);
}

/**
 * Reads a compound RTCP packet.
 * @param ourSsrc - the report block about this source is returned.
 * @returns undefined when the packet is not well formed (RFC 3550 A.2).
 */
export function parseReport(packet: Buffer, ourSsrc: number): PeerReport | undefined {
  let report: PeerReport = { bye: false };
  let at = 0;
  while (at < packet.length) {
    if (at + 4 > packet.length || packet.readUInt8(at) >> 6 !== 2) return undefined;
    const count = packet.readUInt8(at) & 0x1f;
    const type = packet.readUInt8(at + 1);
    const end = at + (packet.readUInt16BE(at + 2) + 1) * 4;
    if (end > packet.length) return undefined;
    if (type === SENDER_REPORT || type === RECEIVER_REPORT) {
      const blocks = at + (type === SENDER_REPORT ? 28 : 8);
      if (blocks + count * 24 > end) return undefined;
      if (type === SENDER_REPORT) report = { ...report, middleNtp: packet.readUInt32BE(at + 10) };
      const aboutUs = findBlock(packet, blocks, count, ourSsrc);
      if (aboutUs !== undefined) report = { ...report, aboutUs };
    } else if (type === BYE) {
      report = { ...report, bye: true };
    }
    at = end;
  }
  return at === 0 ? undefined : report;
}

function findBlock(packet: Buffer, from: number, count: number, ssrc: number): PeerView | undefined {
  for (let at = from; at < from + count * 24; at += 24) {
    if (packet.readUInt32BE(at) !== ssrc) continue;
    return {
      fractionLost: packet.readUInt8(at + 4),
      cumulativeLost: packet.readIntBE(at + 5, 3),
      highestSequence: packet.readUInt32BE(at + 8),
      jitter: packet.readUInt32BE(at + 12),
      lsr: packet.readUInt32BE(at + 16),
      dlsr: packet.readUInt32BE(at + 20),
    };
  }
  return undefined;
}
