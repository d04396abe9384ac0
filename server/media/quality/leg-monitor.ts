import type { AudioProblem, VoiceQuality } from '../../model/voice-quality.ts';
import type { InboundVoice } from '../engine/inbound-voice.ts';
import type { LegReports } from '../engine/leg-reports.ts';
import { AudioWatch } from './audio-watch.ts';
import { QualityMeter } from './quality-meter.ts';
import type { QualitySources } from './quality-meter.ts';
import { TickLateness } from './tick-lateness.ts';

/** One look at a leg, about once a second. */
export interface Look {
  readonly tick: number;
  /** Monotonic. */
  readonly nowMs: number;
  /** Since when somebody counts on hearing the leg. */
  readonly expectedSinceMs: number | undefined;
  /** Whether the peer wants to hear us. */
  readonly peerListens: boolean;
}

/** Watches one leg: what its voice is like, and whether anything is to be heard at all. */
export class LegMonitor {
  readonly #inbound: InboundVoice;
  readonly #reports: LegReports;
  readonly #watch = new AudioWatch();
  readonly #lateness = new TickLateness();
  readonly #meter: QualityMeter;

  /** @param nowMs - monotonic. */
  constructor(inbound: InboundVoice, reports: LegReports, nowMs: number) {
    this.#inbound = inbound;
    this.#reports = reports;
    this.#meter = new QualityMeter(nowMs);
  }

  /** @returns the problems that began or ended since the last look. */
  look({ tick, nowMs, expectedSinceMs, peerListens }: Look): readonly AudioProblem[] {
    this.#meter.look(this.#sources, this.#lateness.of(tick, nowMs));
    const { lastPacketMs, lastSoundMs, suppressesSilence } = this.#inbound;
    const isPeerDeaf = peerListens && this.#reports.hearing.isDeaf;
    return this.#watch.check({ expectedSinceMs, lastPacketMs, lastSoundMs, suppressesSilence, isPeerDeaf }, nowMs);
  }

  /** What the voice was like: since the last report, or in all. */
  report(kind: VoiceQuality['kind'], nowMs: number): VoiceQuality {
    return this.#meter.report(kind, this.#sources, nowMs);
  }

  /**
   * How long the peer has given no sign of life at all, neither voice nor reports.
   * @returns 0 while that says nothing: it never sent, or sends neither its silence nor reports.
   */
  silentMs(nowMs: number): number {
    const { hasPackets, lastPacketMs, suppressesSilence } = this.#inbound;
    const { lastControlMs } = this.#reports;
    if (!hasPackets || (suppressesSilence && lastControlMs === undefined)) return 0;
    return nowMs - Math.max(lastPacketMs, lastControlMs ?? lastPacketMs);
  }

  get #sources(): QualitySources {
    const { buffer, isWanted, packetMs } = this.#inbound;
    return { path: this.#reports.figures(), jitter: buffer.figures, isBuffered: isWanted, packetMs };
  }
}
