import { JitterBuffer } from '../../../server/media/jitter/jitter-buffer.ts';
import { SampleRing } from '../../../server/media/jitter/sample-ring.ts';
import { ImpairedPath } from './impaired-path.ts';
import type { Impairment } from './impaired-path.ts';

/** A talk through a network into a jitter buffer, on a clock of its own. */
export interface JitterRun {
  readonly impairment: Impairment;
  readonly packets: number;
  /** Milliseconds of voice in a packet; default 20. */
  readonly ptime?: number;
  /** How much faster the sender's clock runs than ours, in millionths. */
  readonly ppm?: number;
  /** What the sender says. @param from - number of the first sample. */
  readonly voice?: (from: number, length: number) => Int16Array;
  /** Timestamp of the first sample. */
  readonly firstTimestamp?: number;
  /** Whether a packet is sent at all: silence suppression. */
  readonly isSpoken?: (packet: number) => boolean;
  /** When our frames are made, within their 20 ms. */
  readonly phaseMs?: number;
  /** Sees each frame that is handed out; its samples are of the moment. */
  readonly onFrame?: (handedOut: { readonly frame: Int16Array; readonly isVoice: boolean; readonly nowMs: number; readonly buffer: JitterBuffer }) => void;
}

/** A stretch of timestamps that was heard (or skipped on purpose), and when. */
export interface Taken {
  readonly from: number;
  readonly length: number;
  readonly atMs: number;
}

/** Writes down what is taken out of it. */
class WatchedRing extends SampleRing {
  readonly taken: Taken[] = [];
  nowMs = 0;

  override pass(timestamp: number, length: number): void {
    for (let at = 0; at < length;) {
      const run = this.runLength(timestamp + at, length - at);
      if (this.isStored(timestamp + at)) this.taken.push({ from: (timestamp + at) | 0, length: run, atMs: this.nowMs });
      at += run;
    }
    super.pass(timestamp, length);
  }
}

/** What became of a run. */
export interface JitterRunResult {
  readonly buffer: JitterBuffer;
  readonly taken: readonly Taken[];
  /** Arrival of each packet that arrived, by its number. */
  readonly arrivals: ReadonlyMap<number, number>;
  readonly lost: number;
}

/** Lets a sender talk and takes frames until 200 ms after the last packet was due. */
export function runJitter(run: JitterRun): JitterRunResult {
  const { impairment, packets, ptime = 20, ppm = 0, firstTimestamp = 0, phaseMs = 7 } = run;
  const length = ptime * 8;
  const voice = run.voice ?? ((_from, samples) => new Int16Array(samples).fill(1_000));
  const path = new ImpairedPath(impairment);
  const ring = new WatchedRing();
  const buffer = new JitterBuffer(ring);
  const arrivals = new Map<number, number>();
  const events: { readonly atMs: number; readonly packet: number }[] = [];
  let hasSpoken = false;
  const starts = new Set<number>();
  for (let packet = 0; packet < packets; packet += 1) {
    const isSpoken = run.isSpoken?.(packet) ?? true;
    if (isSpoken && !hasSpoken) starts.add(packet);
    hasSpoken = isSpoken;
    if (!isSpoken) continue;
    // A packet leaves when its last sample was said, by the sender's clock.
    for (const atMs of path.carry((packet + 1) * ptime / (1 + ppm * 1e-6))) {
      events.push({ atMs, packet });
      arrivals.set(packet, Math.min(atMs, arrivals.get(packet) ?? Infinity));
    }
  }
  events.sort((one, other) => one.atMs - other.atMs);
  const frame = new Int16Array(160);
  const endMs = (packets * ptime) / (1 + ppm * 1e-6) + (impairment.delayMs ?? 0) + 200;
  let due = 0;
  for (let nowMs = phaseMs; nowMs < endMs; nowMs += 20) {
    for (let next = events[due]; next !== undefined && next.atMs <= nowMs; next = events[due]) {
      due += 1;
      ring.nowMs = next.atMs;
      buffer.push((firstTimestamp + next.packet * length) >>> 0, voice(next.packet * length, length), next.atMs, starts.has(next.packet));
    }
    ring.nowMs = nowMs;
    const isVoice = buffer.pop(frame, nowMs);
    run.onFrame?.({ frame, isVoice, nowMs, buffer });
  }
  return { buffer, taken: ring.taken, arrivals, lost: path.lost };
}
