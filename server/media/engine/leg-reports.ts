import { randomBytes } from 'node:crypto';
import { SAMPLES_PER_MS } from '../codec/frame.ts';
import { PeerHearing } from '../quality/peer-hearing.ts';
import { Reception } from '../rtp/reception.ts';
import type { ReceptionFigures } from '../rtp/reception.ts';
import { buildReport, middleNtp, parseReport } from '../rtp/rtcp.ts';
import type { PeerView, SenderFigures } from '../rtp/rtcp.ts';

/** Sender reports that the peer may still answer: half a minute of them. */
const MAX_UNANSWERED = 6;

/** What is known of a leg's network path. */
export interface PathFigures extends ReceptionFigures {
  /** Absent until the peer has answered one of our sender reports. */
  readonly roundTripMs?: number;
  /** What the peer says of what it receives from us; absent before its first report. */
  readonly peer?: { readonly lost: number; readonly lostPercent: number; readonly jitterMs: number };
  readonly malformed: number;
  readonly unknownPayloads: number;
}

/**
 * The RTCP side of one leg: counts what comes, answers with reports, measures the round trip.
 * @remarks RFC 3550 §6.4. The round trip is taken from our own notes of what was sent when, so
 *   that neither a step of the wall clock nor an invented timestamp makes a wrong one.
 */
export class LegReports {
  readonly reception = new Reception();
  readonly hearing = new PeerHearing();
  readonly #cname = randomBytes(9).toString('base64url'); // RFC 7022 §4.2: short-term, unlinkable.
  /** When each of our last sender reports went, by its middle NTP. */
  readonly #sentAtMs = new Map<number, number>();
  #peerReport: { middleNtp: number; atMs: number } | undefined;
  #lastControlMs: number | undefined;
  #roundTripMs: number | undefined;
  #peerView: PeerView | undefined;
  #malformed = 0;
  #unknown = 0;

  /** Monotonic milliseconds of the peer's last report; undefined before its first. */
  get lastControlMs(): number | undefined { return this.#lastControlMs; }

  countMalformed(): void { this.#malformed += 1; }
  countUnknown(): void { this.#unknown += 1; }

  /** @param nowMs - monotonic. */
  build(sender: SenderFigures, nowMs: number): Buffer {
    const last = this.#peerReport === undefined ? undefined
      : { middleNtp: this.#peerReport.middleNtp, ageMs: nowMs - this.#peerReport.atMs };
    if (sender.packets > 0) this.#rememberSent(middleNtp(sender.epochMs), nowMs);
    return buildReport(sender, this.#cname, this.reception.takeReport(), last);
  }

  /** Takes a report of the peer. @param ours - our source, and the packets that it sent so far. */
  receive(packet: Buffer, ours: { readonly ssrc: number; readonly packets: number }, nowMs: number): void {
    const report = parseReport(packet, ours.ssrc);
    if (report === undefined) {
      this.countMalformed();
      return;
    }
    this.#lastControlMs = nowMs;
    this.hearing.note(report, ours.packets);
    if (report.middleNtp !== undefined) this.#peerReport = { middleNtp: report.middleNtp, atMs: nowMs };
    if (report.aboutUs === undefined) return;
    this.#peerView = report.aboutUs;
    const sentAtMs = this.#sentAtMs.get(report.aboutUs.lsr);
    if (sentAtMs === undefined) return;
    const roundTripMs = nowMs - sentAtMs - (report.aboutUs.dlsr * 1_000) / 0x1_0000;
    if (roundTripMs >= 0) this.#roundTripMs = roundTripMs;
  }

  figures(): PathFigures {
    return {
      ...this.reception.figures(),
      malformed: this.#malformed, unknownPayloads: this.#unknown,
      ...(this.#roundTripMs === undefined ? {} : { roundTripMs: this.#roundTripMs }),
      ...(this.#peerView === undefined ? {} : { peer: describePeer(this.#peerView) }),
    };
  }

  #rememberSent(ntp: number, nowMs: number): void {
    this.#sentAtMs.set(ntp, nowMs);
    const [oldest] = this.#sentAtMs.keys();
    if (this.#sentAtMs.size > MAX_UNANSWERED && oldest !== undefined) this.#sentAtMs.delete(oldest);
  }
}

const describePeer = ({ cumulativeLost, fractionLost, jitter }: PeerView): NonNullable<PathFigures['peer']> =>
  ({ lost: cumulativeLost, lostPercent: (fractionLost * 100) / 256, jitterMs: jitter / SAMPLES_PER_MS });
