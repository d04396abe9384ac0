import type { DelayBudget, VoiceQuality } from '../../model/voice-quality.ts';
import type { JitterFigures } from '../jitter/jitter-buffer.ts';
import type { PathFigures } from '../engine/leg-reports.ts';
import { G711_IMPAIRMENT } from './codec-impairment.ts';
import { mosOf, rateTransmission } from './e-model.ts';

/** Bounds of the burst ratio in the E-model (ITU-T G.107 table 3). */
const MAX_BURST_RATIO = 8;

/** What a leg's quality is made of, as it stands now. */
export interface QualitySources {
  readonly path: PathFigures;
  readonly jitter: JitterFigures;
  /** Whether the jitter buffer runs: else packets are passed on. */
  readonly isBuffered: boolean;
  /** Length of the peer's packets, in milliseconds. */
  readonly packetMs: number;
}

/** Totals since the leg began. */
interface Totals {
  readonly atMs: number;
  readonly packets: number;
  readonly lost: number;
  readonly bursts: number;
  readonly late: number;
  readonly duplicates: number;
  readonly concealedMs: number;
  /** Looks, and sums of what was seen at each. */
  readonly looks: number;
  readonly jitterMs: number;
  readonly bufferMs: number;
  readonly latenessMs: number;
}

/** Turns the counters of a leg into its quality: since the last report, and for the whole leg. */
export class QualityMeter {
  readonly #start: Totals;
  #last: Totals;
  #looks = 0;
  #jitterMs = 0;
  #bufferMs = 0;
  #latenessMs = 0;

  /** @param nowMs - monotonic. */
  constructor(nowMs: number) {
    this.#start = { atMs: nowMs, packets: 0, lost: 0, bursts: 0, late: 0, duplicates: 0, concealedMs: 0, looks: 0, jitterMs: 0, bufferMs: 0, latenessMs: 0 };
    this.#last = this.#start;
  }

  /** Looks at what has no counter, about once a second. @param latenessMs - how late our frame left. */
  look({ path, jitter, isBuffered }: QualitySources, latenessMs: number): void {
    this.#looks += 1;
    this.#jitterMs += path.jitterMs;
    this.#bufferMs += isBuffered ? jitter.delayMs : 0;
    this.#latenessMs += latenessMs;
  }

  /** @param kind - `period`: since the last one; `final`: since the beginning. */
  report(kind: VoiceQuality['kind'], sources: QualitySources, nowMs: number): VoiceQuality {
    const now = this.#total(sources, nowMs);
    const since = kind === 'final' ? this.#start : this.#last;
    this.#last = now;
    return describe(kind, sources, differenceOf(now, since));
  }

  #total({ path, jitter }: QualitySources, nowMs: number): Totals {
    const { missing, bursts, duplicates } = path.loss;
    return {
      atMs: nowMs, packets: path.packets, lost: missing, bursts, late: jitter.late, duplicates, concealedMs: jitter.concealedMs,
      looks: this.#looks, jitterMs: this.#jitterMs, bufferMs: this.#bufferMs, latenessMs: this.#latenessMs,
    };
  }
}

/** A reordered packet takes back a loss that the period before has told; a period cannot lose less than nothing. */
function differenceOf(now: Totals, since: Totals): Totals {
  const minus = (key: keyof Totals): number => Math.max(0, now[key] - since[key]);
  return {
    atMs: minus('atMs'), packets: minus('packets'), lost: minus('lost'), bursts: minus('bursts'), late: minus('late'),
    duplicates: minus('duplicates'), concealedMs: minus('concealedMs'), looks: minus('looks'),
    jitterMs: minus('jitterMs'), bufferMs: minus('bufferMs'), latenessMs: minus('latenessMs'),
  };
}

function describe(kind: VoiceQuality['kind'], { path, packetMs }: QualitySources, totals: Totals): VoiceQuality {
  const mean = (sum: number): number => (totals.looks === 0 ? 0 : sum / totals.looks);
  const expected = totals.packets + totals.lost - totals.duplicates;
  const burstRatio = burstRatioOf(totals, expected);
  const delay: DelayBudget = {
    encodingMs: packetMs, // G.711 codes sample by sample: what it waits for is its packet.
    ...(path.roundTripMs === undefined ? {} : { propagationMs: path.roundTripMs / 2 }),
    transmitQueueMs: mean(totals.latenessMs), receiveBufferMs: mean(totals.bufferMs),
    decodingMs: 0, // By table; the concealment does not look ahead.
  };
  const oneWayMs = delay.encodingMs + (delay.propagationMs ?? 0) + delay.transmitQueueMs + delay.receiveBufferMs + delay.decodingMs;
  const lossPercent = (100 * (totals.lost + totals.late)) / expected;
  return {
    kind, durationMs: totals.atMs, packets: totals.packets, lost: totals.lost, burstRatio,
    late: totals.late, duplicates: totals.duplicates, jitterMs: mean(totals.jitterMs), concealedMs: totals.concealedMs,
    delay, oneWayMs,
    ...(path.roundTripMs === undefined ? {} : { roundTripMs: path.roundTripMs }),
    ...(expected <= 0 ? {} : { rating: rate(oneWayMs, Math.min(100, lossPercent), burstRatio) }),
    ...(path.peer === undefined ? {} : { peer: { lostPercent: path.peer.lostPercent, jitterMs: path.peer.jitterMs } }),
  };
}

/** @remarks ITU-T G.107 §7.5: mean length of the bursts over the 1/(1 − p) that random loss would have. */
function burstRatioOf({ lost, bursts }: Totals, expected: number): number {
  if (lost === 0 || bursts === 0 || expected <= 0) return 1;
  return Math.min(MAX_BURST_RATIO, Math.max(1, (lost / bursts) * (1 - lost / expected)));
}

/** @remarks Lost voice counts as concealed: here it is, and telephones and browsers that packets are passed on to do it too. */
function rate(oneWayMs: number, ppl: number, burstR: number): { readonly r: number; readonly mos: number } {
  const { r } = rateTransmission({ ...G711_IMPAIRMENT.concealed, ppl, burstR, t: oneWayMs, tr: 2 * oneWayMs, ta: oneWayMs });
  return { r, mos: mosOf(r) };
}
