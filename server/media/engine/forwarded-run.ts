import type { RtpFields } from '../rtp/packet.ts';

/** Sequence numbers this far ahead belong to the same run of packets. */
const MAX_SEQUENCE_STEP = 1_000;
/** A timestamp may jump by two seconds within a run: silence that was not sent. */
const MAX_JUMP_FRAMES = 100;

/** Where a run begins in our own numbers. */
export interface RunStart {
  readonly sequence: number;
  readonly timestamp: number;
  /** Units of the timestamp in 20 ms. */
  readonly frameUnits: number;
}

/** Packets of one source that are sent on: their numbers moved into ours, so that loss stays loss and order stays order. */
export class ForwardedRun {
  readonly #ssrc: number;
  readonly #frameUnits: number;
  readonly #timestampOffset: number;
  #sequenceOffset: number;
  #first: number;
  #last: number;
  #lastTimestamp: number;

  /** @param fields - of its first packet. */
  constructor(fields: RtpFields, start: RunStart) {
    this.#ssrc = fields.ssrc;
    this.#frameUnits = start.frameUnits;
    this.#sequenceOffset = (start.sequence - fields.sequence) & 0xffff;
    this.#timestampOffset = (start.timestamp - fields.timestamp) | 0;
    this.#first = fields.sequence;
    this.#last = fields.sequence;
    this.#lastTimestamp = fields.timestamp;
  }

  /** Whether a packet goes on in the time line of the ones before it. */
  continuesWith(fields: RtpFields): boolean {
    if (fields.ssrc !== this.#ssrc) return false;
    const jump = Math.abs((fields.timestamp - this.#lastTimestamp) | 0);
    const step = (fields.sequence - this.#last) & 0xffff;
    return jump < this.#frameUnits * MAX_JUMP_FRAMES && (step < MAX_SEQUENCE_STEP || step > 0x1_0000 - MAX_SEQUENCE_STEP);
  }

  /** Sequence number in our line of the packet that was taken last. */
  get sequence(): number { return (this.#last + this.#sequenceOffset) & 0xffff; }
  /** Timestamp in our line of the packet that was taken last. */
  get timestamp(): number { return (this.#lastTimestamp + this.#timestampOffset) >>> 0; }

  /** Takes a packet. @returns false for duplicates and for what is older than the run, whose number was used before. */
  take(fields: RtpFields): boolean {
    const isBeforeFirst = ((fields.sequence - this.#first) & 0xffff) >= 0x8000;
    if (isBeforeFirst || (fields.sequence === this.#last && fields.sequence !== this.#first)) return false;
    this.#last = fields.sequence;
    this.#lastTimestamp = fields.timestamp;
    return true;
  }

  /** A packet of the source is not sent on (comfort noise): its number closes up, or it would look lost. */
  leaveOut(fields: RtpFields): void {
    if (fields.ssrc !== this.#ssrc || fields.sequence !== ((this.#last + 1) & 0xffff)) return;
    this.#last = fields.sequence;
    this.#first = (fields.sequence + 1) & 0xffff;
    this.#sequenceOffset = (this.#sequenceOffset - 1) & 0xffff;
  }
}
