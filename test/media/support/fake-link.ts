import { CODEC_FACTS, isMixable, makeDecoder, makeEncoder } from '../../../server/media/codec/voice-codec.ts';
import type { VoiceEncoder } from '../../../server/media/codec/voice-codec.ts';
import type { PacketLink } from '../../../server/media/edge/edge.ts';
import { EngineLeg } from '../../../server/media/engine/engine-leg.ts';
import type { SilenceLimits } from '../../../server/media/quality/leg-monitor.ts';
import { makeRtpFields, parseRtp, writeRtpHeader } from '../../../server/media/rtp/packet.ts';
import { DIGITS } from '../../../server/model/digit.ts';
import type { Digit } from '../../../server/model/digit.ts';
import type { VoiceCodec } from '../../../server/model/media-terms.ts';
import type { AudioProblem, VoiceQuality } from '../../../server/model/voice-quality.ts';
import { joinSamples } from './signals.ts';
import type { InboundFormat } from '../../../server/media/sdp/agree-audio.ts';
import type { EventFormat } from '../../../server/media/sdp/audio-formats.ts';
import { nextCallId, nextLegId } from './media-fixture.ts';

/** One packet that a leg sent, with the virtual time of its sending. */
export interface SentPacket {
  readonly atMs: number;
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

/** A link that keeps what is sent over it. */
export class FakeLink implements PacketLink {
  readonly ssrc = 0x5eed;
  readonly refused = 0;
  readonly sent: SentPacket[] = [];
  /** The same packets as they went, for those who take them on. */
  readonly raw: Buffer[] = [];
  readonly reports: Buffer[] = [];
  isClosed = false;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  send(packet: Buffer): void {
    this.raw.push(packet);
    const fields = makeRtpFields();
    if (!parseRtp(packet, fields)) throw new Error('the leg sent something that is not RTP');
    const { payloadType, marker, sequence, timestamp, payloadStart, payloadEnd } = fields;
    this.sent.push({ atMs: this.#now(), payloadType, marker, sequence, timestamp, payload: Buffer.from(packet.subarray(payloadStart, payloadEnd)) });
  }

  sendControl(packet: Buffer): void { this.reports.push(packet); }

  async close(): Promise<void> { this.isClosed = true; }
}

/** One party in {@link VirtualBridge}. */
export interface VirtualParty {
  readonly leg: EngineLeg;
  readonly link: FakeLink;
  readonly codec: VoiceCodec;
  /** Absent for a codec that is only passed on. */
  readonly encoder: VoiceEncoder | undefined;
  readonly digits: Digit[];
  readonly endedPlaybacks: (readonly [number, string])[];
  readonly failures: string[];
  readonly qualities: VoiceQuality[];
  readonly problems: AudioProblem[];
  sequence: number;
  timestamp: number;
}

/** What a party may be unlike: its peer does not listen, knows no events, only some keys, or has them on another clock. */
export interface PartyOptions {
  readonly peerListens?: boolean;
  readonly events?: false | Partial<EventFormat>;
  readonly listensForTones?: boolean;
}

/** Legs on a clock that the test moves: each step is one frame of 20 ms. */
export class VirtualBridge {
  readonly parties: VirtualParty[] = [];
  nowMs = 0;
  tick = 0;
  /** What an engine does between the frames that legs say and those that they are sent. */
  readonly betweenFrames: ((tick: number) => void)[] = [];

  join(codec: VoiceCodec, options: PartyOptions = {}): VirtualParty {
    const digits: Digit[] = [];
    const endedPlaybacks: (readonly [number, string])[] = [];
    const failures: string[] = [];
    const qualities: VoiceQuality[] = [];
    const problems: AudioProblem[] = [];
    const leg = new EngineLeg({
      legId: nextLegId(), callId: nextCallId(), now: () => this.nowMs, tick: () => this.tick,
      listener: {
        onDigit: (digit) => digits.push(digit),
        onPlaybackEnded: (id, outcome) => endedPlaybacks.push([id, outcome]),
        onFailed: (reason) => failures.push(reason),
        onQuality: (quality) => qualities.push(quality),
        onAudioProblem: (problem) => problems.push(problem),
      },
    });
    const link = new FakeLink(() => this.nowMs);
    leg.attach(link);
    const { clockRate, payloadType } = CODEC_FACTS[codec];
    leg.agree({
      codec, payloadType,
      inbound: new Map<number, InboundFormat>([[0, 'PCMU'], [8, 'PCMA'], [9, 'G722'], [111, 'opus'], [13, 'comfort-noise'], [101, `event-${clockRate}`]]),
      peerListens: options.peerListens ?? true, peerSends: true, listensForTones: options.listensForTones ?? false,
      ...(options.events === false ? {} : { events: { payloadType: 101, clockRate, keys: new Set(DIGITS), ...options.events } }),
    });
    const encoder = isMixable(codec) ? makeEncoder(codec) : undefined;
    const party = { leg, link, codec, encoder, digits, endedPlaybacks, failures, qualities, problems, sequence: 60_000 + this.parties.length, timestamp: 0xffff_f000 };
    this.parties.push(party);
    return party;
  }

  /** A packet of a party arrives. */
  say(party: VirtualParty, samples: Int16Array): void {
    const packet = this.makePacket(party, samples);
    party.leg.onPacket(packet);
  }

  /** Makes the next packet of a party without delivering it. */
  makePacket(party: VirtualParty, samples: Int16Array): Buffer {
    const payload = Buffer.alloc(samples.length);
    party.encoder?.encode(samples, payload);
    return this.makeRawPacket(party, payload, samples.length);
  }

  /** As {@link makePacket}, of a payload that is ready. @param units - that the timestamp goes on by. */
  makeRawPacket(party: VirtualParty, payload: Uint8Array, units: number, payloadType: number = CODEC_FACTS[party.codec].payloadType): Buffer {
    const packet = Buffer.alloc(12 + payload.length);
    party.sequence = (party.sequence + 1) & 0xffff;
    writeRtpHeader(packet, { payloadType, marker: false, sequence: party.sequence, timestamp: party.timestamp, ssrc: 0x1000 + this.parties.indexOf(party) });
    packet.set(payload, 12);
    party.timestamp = (party.timestamp + units) >>> 0;
    return packet;
  }

  /** Moves on by one frame: all parties in `voices` say their frame in the middle of it, then the tick comes. */
  step(voices: readonly (readonly [VirtualParty, Int16Array])[] = []): void {
    this.nowMs += 10;
    for (const [party, samples] of voices) this.say(party, samples);
    this.nowMs += 10;
    this.tick += 1;
    for (const { leg } of this.parties) leg.takeFrame(this.tick);
    for (const work of this.betweenFrames) work(this.tick);
    for (const { leg } of this.parties) leg.sendFrame(this.tick);
  }

  /** Lets seconds pass as the engine does: each leg is looked after once in each, and reports in each fifth. */
  pass(seconds: number, voices: (tick: number) => readonly (readonly [VirtualParty, Int16Array])[], limits: SilenceLimits = { heardMs: 60_000, idleMs: 60_000 }): void {
    for (let i = 0; i < seconds * 50; i += 1) {
      this.step(voices(this.tick));
      for (const { leg } of this.parties) {
        if (this.tick % 50 === 0) leg.watch(this.tick, limits);
        if (this.tick % 250 === 0) leg.sendReport(this.tick, EPOCH_MS + this.nowMs);
      }
    }
  }
}

/** What virtual legs take for the wall clock at their beginning. */
const EPOCH_MS = 1_700_000_000_000;

/** The voice that a party was sent, as samples, in order of timestamps, with silence where nothing was sent. */
export function voiceOf(party: VirtualParty, fromPacket = 0): Int16Array {
  if (!isMixable(party.codec)) throw new Error(`${party.codec} is not decoded here`);
  const decoder = makeDecoder(party.codec);
  const voice = party.link.sent.map(({ payloadType, payload }, i) => {
    if (payloadType !== CODEC_FACTS[party.codec].payloadType) return new Int16Array(0);
    const samples = new Int16Array(payload.length);
    decoder.decode(payload, samples); // Also what came before: some decoders remember.
    return i < fromPacket ? new Int16Array(0) : samples;
  });
  return joinSamples(voice);
}
