import type { PeerReport } from '../rtp/rtcp.ts';

/** Packets that were sent between two reports for the second to say anything: two seconds. */
const MIN_SENT = 100;
const ALL_LOST = 255;

/**
 * Finds out from the peer's reports whether it receives what we send: the half of one-way audio
 * that cannot be seen at our end.
 * @remarks RFC 3550 §6.4: a report has a block about each source that was heard since the one
 *   before; its highest sequence number stands still while nothing comes.
 */
export class PeerHearing {
  #sentAtReport: number | undefined;
  #highestSequence: number | undefined;
  #isDeaf = false;

  /** Whether the peer, by its last report, received nothing. */
  get isDeaf(): boolean { return this.#isDeaf; }

  /** Takes a report. @param sent - packets sent so far. */
  note(report: PeerReport, sent: number): void {
    if (this.#sentAtReport !== undefined && sent - this.#sentAtReport < MIN_SENT) return;
    const { aboutUs } = report;
    // The first report may have left before our first packet came.
    if (this.#sentAtReport !== undefined) {
      this.#isDeaf = aboutUs === undefined || aboutUs.fractionLost === ALL_LOST || aboutUs.highestSequence === this.#highestSequence;
    }
    this.#sentAtReport = sent;
    this.#highestSequence = aboutUs?.highestSequence;
  }
}
