import type { AudioProblem, VoiceQuality } from '../../model/voice-quality.ts';
import type { InboundVoice } from '../engine/inbound-voice.ts';
import type { LegReports } from '../engine/leg-reports.ts';
import type { AgreedAudio } from '../sdp/agree-audio.ts';
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
  readonly limits: SilenceLimits;
}

/** How long a leg may give no sign of life. */
export interface SilenceLimits {
  /** While somebody should hear it. */
  readonly heardMs: number;
  /** While nobody does: in a menu, in a queue. */
  readonly idleMs: number;
}

/** What a look has shown. */
export interface Sight {
  /** Problems that began or ended since the last look. */
  readonly problems: readonly AudioProblem[];
  /** Whether the peer has given no sign of life for too long. */
  readonly isGone: boolean;
}

/** Watches one leg: what its voice is like, and whether anything is to be heard at all. */
export class LegMonitor {
  readonly #inbound: InboundVoice;
  readonly #reports: LegReports;
  readonly #watch = new AudioWatch();
  readonly #lateness = new TickLateness();
  readonly #meter: QualityMeter;
  #peerListens = false;
  /** Since when the peer says that it sends. */
  #sendsSinceMs: number | undefined;

  /** @param nowMs - monotonic. */
  constructor(inbound: InboundVoice, reports: LegReports, nowMs: number) {
    this.#inbound = inbound;
    this.#reports = reports;
    this.#meter = new QualityMeter(nowMs);
  }

  /** A description says what the peer does from now on. */
  agree({ peerListens, peerSends }: Pick<AgreedAudio, 'peerListens' | 'peerSends'>, nowMs: number): void {
    this.#peerListens = peerListens;
    this.#sendsSinceMs = peerSends ? this.#sendsSinceMs ?? nowMs : undefined;
  }

  look({ tick, nowMs, expectedSinceMs, limits }: Look): Sight {
    this.#meter.look(this.#sources, this.#lateness.of(tick, nowMs));
    const { lastPacketMs, lastSoundMs, suppressesSilence } = this.#inbound;
    const isPeerDeaf = this.#peerListens && this.#reports.hearing.isDeaf;
    return {
      problems: this.#watch.check({ expectedSinceMs, lastPacketMs, lastSoundMs, suppressesSilence, isPeerDeaf }, nowMs),
      isGone: expectedSinceMs === undefined
        ? this.#idleMs(nowMs) > limits.idleMs
        : nowMs - Math.max(expectedSinceMs, lastPacketMs) > limits.heardMs,
    };
  }

  /** What the voice was like: since the last report, or in all. */
  report(kind: VoiceQuality['kind'], nowMs: number): VoiceQuality {
    return this.#meter.report(kind, this.#sources, nowMs);
  }

  /** How long neither voice nor reports have come; 0 while that says nothing: on hold, before the first packet, in a pause. */
  #idleMs(nowMs: number): number {
    const { hasPackets, lastPacketMs, suppressesSilence } = this.#inbound;
    const { lastControlMs } = this.#reports;
    if (this.#sendsSinceMs === undefined || !hasPackets || (suppressesSilence && lastControlMs === undefined)) return 0;
    return nowMs - Math.max(this.#sendsSinceMs, lastPacketMs, lastControlMs ?? 0);
  }

  get #sources(): QualitySources {
    const { buffer, isWanted, packetMs } = this.#inbound;
    return { path: this.#reports.figures(), jitter: buffer.figures, isBuffered: isWanted, packetMs };
  }
}
