import { randomBytes } from 'node:crypto';
import { Reception } from '../rtp/reception.ts';
import type { ReceptionFigures } from '../rtp/reception.ts';
import { buildReport, middleNtp, parseReport } from '../rtp/rtcp.ts';
import type { SenderFigures } from '../rtp/rtcp.ts';

/** What is known of a leg's network path. */
export interface PathFigures extends ReceptionFigures {
  /** Absent until the peer has answered one of our sender reports. */
  readonly roundTripMs?: number;
  /** What the peer says it lost of ours. */
  readonly lostByPeer: number;
  readonly malformed: number;
  readonly unknownPayloads: number;
}

/**
 * The RTCP side of one leg: counts what comes, answers with reports, measures the round trip.
 * @remarks RFC 3550 §6.4.
 */
export class LegReports {
  readonly reception = new Reception();
  readonly #cname = randomBytes(9).toString('base64url'); // RFC 7022 §4.2: short-term, unlinkable.
  #peerReport: { middleNtp: number; atMs: number } | undefined;
  #roundTripMs: number | undefined;
  #lostByPeer = 0;
  #malformed = 0;
  #unknown = 0;

  countMalformed(): void { this.#malformed += 1; }
  countUnknown(): void { this.#unknown += 1; }

  /** @param nowMs - monotonic. */
  build(sender: SenderFigures, nowMs: number): Buffer {
    const last = this.#peerReport === undefined ? undefined
      : { middleNtp: this.#peerReport.middleNtp, ageMs: nowMs - this.#peerReport.atMs };
    return buildReport(sender, this.#cname, this.reception.takeReport(), last);
  }

  receive(packet: Buffer, ourSsrc: number, nowMs: number): void {
    const report = parseReport(packet, ourSsrc);
    if (report === undefined) {
      this.countMalformed();
      return;
    }
    if (report.middleNtp !== undefined) this.#peerReport = { middleNtp: report.middleNtp, atMs: nowMs };
    if (report.aboutUs === undefined) return;
    this.#lostByPeer = report.aboutUs.cumulativeLost;
    if (report.aboutUs.lsr === 0) return;
    const units = (middleNtp(Date.now()) - report.aboutUs.lsr - report.aboutUs.dlsr) | 0;
    if (units >= 0) this.#roundTripMs = (units * 1_000) / 0x1_0000;
  }

  figures(): PathFigures {
    return {
      ...this.reception.figures(),
      lostByPeer: this.#lostByPeer, malformed: this.#malformed, unknownPayloads: this.#unknown,
      ...(this.#roundTripMs === undefined ? {} : { roundTripMs: this.#roundTripMs }),
    };
  }
}
