import type { Digit } from '../../model/digit.ts';
import type { CallId, LegId } from '../../model/ids.ts';
import type { VoiceCodec } from '../../model/media-terms.ts';
import type { AudioProblem, VoiceQuality } from '../../model/voice-quality.ts';
import { FRAME_SAMPLES } from '../codec/frame.ts';
import { canForward } from '../codec/voice-codec.ts';
import { EventSender } from '../dtmf/event-sender.ts';
import { KeyReception } from '../dtmf/key-reception.ts';
import { makeKeyTone } from '../dtmf/key-tone.ts';
import type { KeySource } from '../dtmf/press-filter.ts';
import type { PacketLink, PacketSink } from '../edge/edge.ts';
import { addWithRamp, clipSum, fadeOut } from '../matrix/mix.ts';
import type { GainCell } from '../matrix/mix.ts';
import type { Playlist } from '../player/playlist.ts';
import { LegMonitor } from '../quality/leg-monitor.ts';
import type { SilenceLimits } from '../quality/leg-monitor.ts';
import type { Beeper } from '../recorder/beeper.ts';
import type { RecordedLeg } from '../recorder/recorded-leg.ts';
import type { AgreedAudio } from '../sdp/agree-audio.ts';
import { InboundVoice } from './inbound-voice.ts';
import { LegPlayer } from './leg-player.ts';
import { LegReports } from './leg-reports.ts';
import { OutboundStream } from './outbound-stream.ts';

/** What a leg tells the engine. */
export interface LegListener {
  onDigit(digit: Digit): void;
  onPlaybackEnded(playbackId: number, outcome: 'finished' | 'stopped'): void;
  onFailed(reason: string): void;
  onQuality(quality: VoiceQuality): void;
  onAudioProblem(problem: AudioProblem): void;
}

/** Something that takes the frames that a leg receives. */
export interface FrameTap {
  write(samples: Int16Array): void;
}

/** What an engine leg is made with. */
export interface EngineLegOptions {
  readonly legId: LegId;
  readonly callId: CallId;
  readonly listener: LegListener;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The latest frame of the common clock. */
  readonly tick: () => number;
}

/**
 * One leg in the media worker: its row and column of the mix-minus matrix, and what it is sent.
 *   mix --(one speaker at full gain, nothing else to hear)--> forward --(anything else)--> mix
 * In `mix` a frame is made on each tick; in `forward` the speaker's packets are sent on as they
 * come. The last mixed frame fades out and the first forwarded packet fades in, and the voice
 * that was forwarded dies away over one frame, so that no change clicks.
 */
export class EngineLeg implements PacketSink, RecordedLeg {
  readonly legId: LegId;
  readonly callId: CallId;
  readonly reports = new LegReports();
  readonly #listener: LegListener;
  readonly #now: () => number;
  readonly #tick: () => number;
  readonly #inbound = new InboundVoice(this.reports);
  readonly #monitor: LegMonitor;
  readonly #player: LegPlayer;
  readonly #keys = new EventSender();
  readonly #keyReception = new KeyReception((digit, source) => this.#keyPressed(digit, source));
  readonly #taps = new Set<FrameTap>();
  /** Recordings of what this leg says and hears. */
  #recordings = 0;
  /** The warning tone that it hears. */
  #beeper: Beeper | undefined;
  readonly #hears = new Map<EngineLeg, GainCell>();
  readonly #heardBy = new Set<EngineLeg>();
  readonly #sum = new Int32Array(FRAME_SAMPLES);
  readonly #mixed = new Int16Array(FRAME_SAMPLES);
  #route: 'mix' | 'forward' = 'mix';
  /** What the forwarded voice dies away with when forwarding ends. */
  #tail: Int16Array | undefined;
  #link: PacketLink | undefined;
  #out: OutboundStream | undefined;
  #audio: AgreedAudio | undefined;
  /** Since when somebody counts on hearing this leg (monotonic milliseconds). */
  #expectedSinceMs: number | undefined;
  #isOver = false;
  #isClosed = false;

  constructor(options: EngineLegOptions) {
    this.legId = options.legId;
    this.callId = options.callId;
    this.#listener = options.listener;
    this.#now = options.now;
    this.#tick = options.tick;
    this.#monitor = new LegMonitor(this.#inbound, this.reports, options.now());
    this.#player = new LegPlayer((id, outcome) => this.#listener.onPlaybackEnded(id, outcome));
  }

  get audio(): AgreedAudio | undefined { return this.#audio; }
  get route(): 'mix' | 'forward' { return this.#route; }
  get isPlaying(): boolean { return this.#player.isPlaying; }
  get jitter(): InboundVoice['buffer'] { return this.#inbound.buffer; }

  get voice(): Int16Array { return this.#inbound.frame; }
  get heard(): ReadonlyMap<EngineLeg, Readonly<GainCell>> { return this.#hears; }

  /** Gives the leg its link, once. */
  attach(link: PacketLink): void {
    this.#link = link;
    this.#out = new OutboundStream(link);
  }

  /** A description was agreed on: formats and hold may have changed. */
  agree(audio: AgreedAudio): void {
    this.#audio = audio;
    this.#out?.agree(audio, this.#tick());
    this.#keyReception.listenForTones(audio.listensForTones);
    this.#monitor.agree(audio, this.#now());
    this.#mixFromNow();
    this.#watchExpectation();
  }

  /** Changes one cell of the matrix: how loud this leg hears `speaker`. */
  setHears(speaker: EngineLeg, gain: number): void {
    const cell = this.#hears.get(speaker);
    if (cell !== undefined) {
      cell.target = gain;
    } else if (gain > 0) {
      this.#hears.set(speaker, { gain: 0, target: gain });
      speaker.#heardBy.add(this);
    }
    this.#mixFromNow();
    speaker.#watchExpectation();
  }

  /** Plays from the next frame on; what plays fades out. @param fadesIn - for what begins in its middle. */
  play(id: number, playlist: Playlist, fadesIn: boolean): void {
    this.#player.play(id, playlist, fadesIn);
    this.#mixFromNow();
  }

  stopPlaying(id: number): void {
    this.#player.stop(id);
  }

  /** @returns false when too many keys wait. */
  sendDigit(digit: Digit): boolean {
    const isTaken = this.#keys.enqueue(digit);
    this.#mixFromNow();
    return isTaken;
  }

  addTap(tap: FrameTap): void {
    this.#taps.add(tap);
    this.#inbound.want();
  }

  removeTap(tap: FrameTap): void {
    this.#taps.delete(tap);
  }

  beginRecording(): void { this.#recordings += 1; }
  endRecording(): void { this.#recordings -= 1; }

  setBeeper(beeper: Beeper | undefined): void {
    this.#beeper = beeper;
    this.#mixFromNow();
  }

  isPlausible(packet: Buffer): boolean {
    return this.#inbound.isPlausible(packet, this.#audio);
  }

  onReady(): void {
    this.#inbound.begin(this.#now());
  }

  onFailed(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onFailed(reason);
  }

  onControl(packet: Buffer): void {
    this.reports.receive(packet, { ssrc: this.#link?.ssrc ?? 0, packets: this.#out?.packets ?? 0 }, this.#now());
  }

  onPacket(packet: Buffer): void {
    const format = this.#inbound.receive(packet, this.#audio, this.#now());
    const { fields } = this.#inbound;
    switch (format) {
      case undefined:
        return;
      case 'comfort-noise':
        for (const listener of this.#heardBy) listener.#out?.leaveOut(fields);
        return;
      case 'event-8000':
        return this.#keyReception.takeEvent(packet, fields, 8_000, this.#now());
      case 'event-48000':
        return this.#keyReception.takeEvent(packet, fields, 48_000, this.#now());
      default:
        this.#keyReception.takeVoice(packet, fields, format, this.#now());
        this.#passVoiceOn(packet, format);
    }
  }

  /** A key of this leg's telephone that came by SIP INFO. */
  takeInfoKey(digit: Digit): void {
    this.#keyReception.takeInfo(digit, this.#now());
  }

  /** Whoever hears the leg gets its keys too; a tone is heard anyway by those who know no events. */
  #keyPressed(digit: Digit, source: KeySource): void {
    this.#listener.onDigit(digit);
    for (const listener of this.#heardBy) {
      const hears = (listener.#hears.get(this)?.target ?? 0) > 0;
      if (hears && (source !== 'tone' || listener.#out?.canSendEvent(digit) === true)) listener.sendDigit(digit);
    }
  }

  #passVoiceOn(datagram: Buffer, codec: VoiceCodec): void {
    const { fields, isRegular } = this.#inbound;
    let left = this.#heardBy.size;
    for (const listener of this.#heardBy) {
      left -= 1;
      if (listener.#route !== 'forward') continue;
      const isForwarded = isRegular && listener.#out !== undefined && canForward(codec, listener.#out.codec);
      if (isForwarded) listener.#out?.forward({ datagram, fields, codec, mayRewrite: left === 0 }, this.#tick());
      else listener.#mixFromNow();
    }
  }

  #mixFromNow(): void {
    if (this.#route === 'mix') return;
    this.#route = 'mix';
    const hasForwarded = this.#out?.endForwarding() === true;
    for (const [speaker, cell] of this.#hears) {
      cell.gain = 0;
      if (hasForwarded) this.#tail = this.#fadeOutOf(speaker);
      speaker.#inbound.want();
    }
  }

  /** The last voice played backwards and fading out: it begins where that voice ended, so nothing clicks. */
  #fadeOutOf(speaker: EngineLeg): Int16Array | undefined {
    const last = this.#out?.lastForwarded ?? speaker.#inbound.lastFrame();
    return last?.toReversed().map((sample, i) => (sample * (FRAME_SAMPLES - i)) / FRAME_SAMPLES);
  }

  /** The only one that this leg hears, when its packets may be forwarded. */
  #soleSpeaker(): EngineLeg | undefined {
    if (this.#hears.size !== 1 || !this.#player.isQuiet || this.#keys.isBusy || this.#beeper !== undefined || this.#audio?.peerListens !== true) return undefined;
    const [entry] = this.#hears;
    if (entry === undefined || entry[1].target !== 1) return undefined;
    const [speaker] = entry;
    const codec = speaker.#inbound.codec ?? speaker.#audio?.codec;
    return codec !== undefined && speaker.#inbound.isRegular && canForward(codec, this.#audio.codec) ? speaker : undefined;
  }

  /** First half of a tick: takes this leg's frame out of its queue, when somebody wants it. */
  takeFrame(tick: number): void {
    let isMixed = this.#taps.size > 0 || this.#recordings > 0;
    let isUsed = isMixed;
    for (const listener of this.#heardBy) {
      isMixed ||= listener.#route === 'mix' || listener.#recordings > 0;
      isUsed ||= listener.#mixesIn(tick) || listener.#recordings > 0;
    }
    if (isMixed) this.#inbound.want();
    else this.#inbound.unwant();
    if (isUsed) this.#inbound.takeFrame(isUsed, this.#now());
    for (const tap of this.#taps) tap.write(this.#inbound.frame);
  }

  /** Whether a frame is made in this tick; not when a forwarded packet has filled its time already. */
  #mixesIn(tick: number): boolean {
    return this.#route === 'mix' && this.#out?.isFilled(tick) === false;
  }

  /** Second half: makes and sends what this leg hears, unless packets are forwarded to it. */
  sendFrame(tick: number): void {
    if (this.#out === undefined || this.#audio === undefined || !this.#mixesIn(tick)) return;
    const isLastMixed = this.#soleSpeaker() !== undefined;
    const isHeard = this.#mix(tick);
    const key = this.#keys.isBusy ? this.#sendKey(this.#out, tick) : 'none';
    if (key !== 'sent' && this.#audio.peerListens) {
      if (isLastMixed) fadeOut(this.#sum);
      clipSum(this.#sum, this.#mixed);
      if (key !== 'none') this.#out.sendFrame(key, tick);
      else this.#out.sendFrame(isHeard ? this.#mixed : undefined, tick);
    }
    if (isLastMixed) this.#route = 'forward';
  }

  /** Sums what this leg hears in this tick. @returns false when it is nothing at all. */
  #mix(tick: number): boolean {
    this.#sum.fill(0);
    let isHeard = this.#tail !== undefined;
    if (this.#tail !== undefined) addWithRamp(this.#sum, this.#tail, { gain: 1, target: 1 });
    this.#tail = undefined;
    for (const [speaker, cell] of this.#hears) {
      if (speaker.#inbound.hasFrame) {
        addWithRamp(this.#sum, speaker.#inbound.frame, cell);
        isHeard = true;
      } else {
        cell.gain = cell.target;
      }
      if (cell.target === 0 && cell.gain === 0) {
        this.#hears.delete(speaker);
        speaker.#dropListener(this);
      }
    }
    const sounding = this.#beeper?.sounding;
    if (sounding !== undefined) addWithRamp(this.#sum, sounding, { gain: 1, target: 1 });
    return this.#player.addFrame(this.#sum, tick) || isHeard || sounding !== undefined;
  }

  /** @returns `sent` when the key went as events, or the tone that must sound instead. */
  #sendKey(out: OutboundStream, tick: number): 'sent' | Int16Array {
    const { sounding, next } = this.#keys;
    const event = this.#keys.nextFrame();
    if (next !== undefined && out.canSendEvent(next)) {
      out.sendEvent(event, tick);
      return 'sent';
    }
    return sounding === undefined ? new Int16Array(FRAME_SAMPLES) : makeKeyTone(sounding.digit, sounding.frame);
  }

  #dropListener(listener: EngineLeg): void {
    this.#heardBy.delete(listener);
    this.#watchExpectation();
  }

  #watchExpectation(): void {
    const isHeard = [...this.#heardBy].some((listener) => (listener.#hears.get(this)?.target ?? 0) > 0);
    if (isHeard && this.#audio?.peerSends === true) this.#expectedSinceMs ??= this.#now();
    else this.#expectedSinceMs = undefined;
  }

  /** Looks after the leg, about once a second: tells what is wrong with its audio, and fails it when it is gone. */
  watch(tick: number, limits: SilenceLimits): void {
    if (this.#isOver) return;
    const { problems, isGone } = this.#monitor.look({ tick, nowMs: this.#now(), expectedSinceMs: this.#expectedSinceMs, limits });
    for (const problem of problems) this.#listener.onAudioProblem(problem);
    if (isGone) this.onFailed('media-timeout');
  }

  /** Sends a report of what was sent and received, and tells what the voice was like since the last. @param epochMs - wall clock. */
  sendReport(tick: number, epochMs: number): void {
    if (this.#link === undefined || this.#out === undefined) return;
    const sender = { ssrc: this.#link.ssrc, epochMs, rtpTimestamp: this.#out.timestampAt(tick), packets: this.#out.packets, octets: this.#out.octets };
    this.#link.sendControl(this.reports.build(sender, this.#now()));
    if (!this.#isOver) this.#listener.onQuality(this.#monitor.report('period', this.#now()));
  }

  /** Leaves the matrix, ends what plays, tells what the voice was like in all, closes the link; idempotent. */
  async close(): Promise<void> {
    this.#isOver = true;
    if (!this.#isClosed) this.#listener.onQuality(this.#monitor.report('final', this.#now()));
    this.#isClosed = true;
    this.#player.stopAny();
    this.#taps.clear();
    for (const speaker of this.#hears.keys()) speaker.#dropListener(this);
    for (const listener of this.#heardBy) {
      listener.#mixFromNow();
      listener.#hears.delete(this);
    }
    this.#hears.clear();
    this.#heardBy.clear();
    await this.#link?.close();
  }
}
