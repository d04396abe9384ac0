import type { Digit } from '../../model/digit.ts';
import type { CallId, LegId } from '../../model/ids.ts';
import { FRAME_SAMPLES } from '../codec/frame.ts';
import { G711, decodeG711 } from '../codec/g711.ts';
import { EventReceiver } from '../dtmf/event-receiver.ts';
import { EventSender } from '../dtmf/event-sender.ts';
import type { PacketLink, PacketSink } from '../edge/edge.ts';
import { JitterQueue } from '../jitter/jitter-queue.ts';
import { addWithRamp, clipSum } from '../matrix/mix.ts';
import type { GainCell } from '../matrix/mix.ts';
import type { Playlist } from '../player/playlist.ts';
import { makeKeyTone } from '../player/tones.ts';
import { makeRtpFields, parseRtp } from '../rtp/packet.ts';
import type { AgreedAudio } from '../sdp/negotiate-plain.ts';
import { LegReports } from './leg-reports.ts';
import { OutboundStream } from './outbound-stream.ts';

/** What a leg tells the engine. */
export interface LegListener {
  onDigit(digit: Digit): void;
  onPlaybackEnded(playbackId: number, outcome: 'finished' | 'stopped'): void;
  onFailed(reason: string): void;
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

interface Playing {
  readonly id: number;
  readonly playlist: Playlist;
  readonly cell: GainCell;
}

/**
 * One leg in the media worker: what it hears, what it is played, and who hears it.
 *   mix --(one speaker at full gain, nothing else to hear)--> forward --(anything else)--> mix
 * In `mix` a frame is made on each tick; in `forward` the speaker's packets are sent on as they
 * come. The last mixed frame fades out and the first forwarded packet fades in, so that the
 * change does not click.
 */
export class EngineLeg implements PacketSink {
  readonly legId: LegId;
  readonly callId: CallId;
  readonly reports = new LegReports();
  readonly queue = new JitterQueue();
  readonly #listener: LegListener;
  readonly #now: () => number;
  readonly #tick: () => number;
  readonly #fields = makeRtpFields();
  readonly #events = new EventReceiver();
  readonly #keys = new EventSender();
  readonly #hears = new Map<EngineLeg, GainCell>();
  readonly #heardBy = new Set<EngineLeg>();
  readonly #sum = new Int32Array(FRAME_SAMPLES);
  readonly #scratch = new Int16Array(FRAME_SAMPLES);
  /** The frame of this tick, when somebody mixes or records this leg. */
  readonly #frame = new Int16Array(FRAME_SAMPLES);
  #hasFrame = false;
  #wantsFrames = false;
  readonly #lastPayload = Buffer.alloc(FRAME_SAMPLES);
  #lastLaw: 'PCMA' | 'PCMU' | undefined;
  #isRegular = true;
  #route: 'mix' | 'forward' = 'mix';
  #link: PacketLink | undefined;
  #out: OutboundStream | undefined;
  #audio: AgreedAudio | undefined;
  #playing: Playing | undefined;
  #fading: Playing | undefined;
  /** What the forwarded voice dies away with when forwarding ends. */
  #tail: Int16Array | undefined;
  readonly #taps = new Set<FrameTap>();
  #expectsSinceMs: number | undefined;
  #lastPacketMs = 0;
  #isOver = false;

  constructor(options: EngineLegOptions) {
    this.legId = options.legId;
    this.callId = options.callId;
    this.#listener = options.listener;
    this.#now = options.now;
    this.#tick = options.tick;
  }

  get audio(): AgreedAudio | undefined { return this.#audio; }
  get link(): PacketLink | undefined { return this.#link; }
  get route(): 'mix' | 'forward' { return this.#route; }
  get isPlaying(): boolean { return this.#playing !== undefined; }

  /** Gives the leg its link, once. */
  attach(link: PacketLink): void {
    this.#link = link;
    this.#out = new OutboundStream(link);
  }

  /** A description was agreed on: formats and hold may have changed. */
  agree(audio: AgreedAudio): void {
    this.#audio = audio;
    this.#out?.agree(audio);
    this.#mixFromNow();
    this.#watchExpectation();
  }

  // ---- the matrix

  /** Changes one cell: how loud this leg hears `speaker`. */
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

  /** Takes this leg out of every cell, in its row and its column. */
  leaveMatrix(): void {
    for (const speaker of this.#hears.keys()) speaker.#dropListener(this);
    for (const listener of this.#heardBy) {
      listener.#hears.delete(this);
      listener.#mixFromNow();
    }
    this.#hears.clear();
    this.#heardBy.clear();
  }

  #dropListener(listener: EngineLeg): void {
    this.#heardBy.delete(listener);
    this.#watchExpectation();
  }

  #mixFromNow(): void {
    if (this.#route === 'mix') return;
    this.#route = 'mix';
    const hasForwarded = this.#out?.endForwarding() === true;
    for (const [speaker, cell] of this.#hears) {
      cell.gain = 0;
      if (hasForwarded) this.#tail = speaker.#lastFrameFadingOut();
      speaker.#wantFrames();
    }
  }

  #soleSpeaker(): EngineLeg | undefined {
    if (this.#hears.size !== 1 || this.#playing !== undefined || this.#fading !== undefined || this.#keys.isBusy) return undefined;
    const [entry] = this.#hears;
    if (entry === undefined) return undefined;
    const [speaker, cell] = entry;
    return cell.target === 1 && speaker.#isRegular ? speaker : undefined;
  }

  // ---- playing and keys

  /** Plays from the next frame on; what plays fades out. */
  play(id: number, playlist: Playlist, fadesIn: boolean): void {
    this.#endPlaying('stopped');
    this.#playing = { id, playlist, cell: { gain: fadesIn ? 0 : 1, target: 1 } };
    this.#mixFromNow();
  }

  stopPlaying(id: number): void {
    if (this.#playing?.id === id) this.#endPlaying('stopped');
  }

  #endPlaying(outcome: 'finished' | 'stopped'): void {
    const playing = this.#playing;
    if (playing === undefined) return;
    this.#playing = undefined;
    if (outcome === 'stopped') {
      playing.cell.target = 0;
      this.#fading = playing;
    }
    this.#listener.onPlaybackEnded(playing.id, outcome);
  }

  /** @returns false when too many keys wait. */
  sendDigit(digit: Digit): boolean {
    const isTaken = this.#keys.enqueue(digit);
    this.#mixFromNow();
    return isTaken;
  }

  addTap(tap: FrameTap): void {
    this.#taps.add(tap);
    this.#wantFrames();
  }

  removeTap(tap: FrameTap): void {
    this.#taps.delete(tap);
  }

  // ---- inbound

  isPlausible(packet: Buffer): boolean {
    return parseRtp(packet, this.#fields) && this.#audio?.inbound.has(this.#fields.payloadType) === true;
  }

  onReady(): void {
    this.#lastPacketMs = this.#now();
  }

  onFailed(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onFailed(reason);
  }

  onControl(packet: Buffer): void {
    this.reports.receive(packet, this.#link?.ssrc ?? 0, this.#now());
  }

  onPacket(packet: Buffer): void {
    const fields = this.#fields;
    if (!parseRtp(packet, fields)) {
      this.reports.countMalformed();
      return;
    }
    const kind = this.#audio?.inbound.get(fields.payloadType);
    if (kind === undefined) {
      this.reports.countUnknown(); // Comfort noise (payload type 13) is one: silence needs no packet.
      return;
    }
    const nowMs = this.#now();
    this.#lastPacketMs = nowMs;
    if (this.reports.reception.ssrc !== fields.ssrc) {
      this.#events.reset();
      if (this.#wantsFrames) this.queue.restart();
    }
    this.reports.reception.count(fields.ssrc, fields.sequence, fields.timestamp, nowMs);
    if (kind === 'telephone-event') this.#receiveEvent(packet.subarray(fields.payloadStart, fields.payloadEnd));
    else this.#receiveVoice(packet, kind);
  }

  #receiveEvent(payload: Buffer): void {
    const digit = this.#events.receive(payload, this.#fields.timestamp, this.#fields.marker);
    if (digit === undefined) return;
    this.#listener.onDigit(digit);
    for (const listener of this.#heardBy) {
      if ((listener.#hears.get(this)?.target ?? 0) > 0) listener.sendDigit(digit);
    }
  }

  #receiveVoice(datagram: Buffer, law: 'PCMA' | 'PCMU'): void {
    const fields = this.#fields;
    const payload = datagram.subarray(fields.payloadStart, fields.payloadEnd);
    this.#isRegular = payload.length === FRAME_SAMPLES;
    if (this.#wantsFrames) {
      const samples = this.#isRegular ? this.#scratch : new Int16Array(payload.length);
      decodeG711(G711[law], payload, samples);
      this.queue.push(fields.timestamp, samples);
    }
    if (this.#isRegular) {
      payload.copy(this.#lastPayload);
      this.#lastLaw = law;
    }
    let left = this.#heardBy.size;
    for (const listener of this.#heardBy) {
      left -= 1;
      if (listener.#route !== 'forward') continue;
      if (this.#isRegular) listener.#out?.forward({ datagram, fields, law, mayRewrite: left === 0 }, this.#tick());
      else listener.#mixFromNow();
    }
  }

  #wantFrames(): void {
    if (this.#wantsFrames) return;
    this.#wantsFrames = true;
    this.queue.restart();
  }

  /** The last voice played backwards and fading out: it begins where that voice ended, so nothing clicks. */
  #lastFrameFadingOut(): Int16Array | undefined {
    if (this.#lastLaw === undefined) return undefined;
    const samples = new Int16Array(FRAME_SAMPLES);
    decodeG711(G711[this.#lastLaw], this.#lastPayload, samples);
    return samples.reverse().map((sample, i) => (sample * (FRAME_SAMPLES - i)) / FRAME_SAMPLES);
  }

  // ---- the tick

  /** First half of a tick: takes this leg's frame out of its queue, when somebody wants it. */
  takeFrame(tick: number): void {
    const isMixed = this.#isMixed();
    if (isMixed) this.#wantFrames();
    else this.#wantsFrames &&= this.#taps.size > 0;
    const isUsed = this.#taps.size > 0 || this.#isMixedIn(tick);
    this.#hasFrame = isUsed && this.queue.pop(this.#frame);
    if (this.#taps.size === 0) return;
    if (!this.#hasFrame) this.#frame.fill(0);
    for (const tap of this.#taps) tap.write(this.#frame);
  }

  #isMixed(): boolean {
    for (const listener of this.#heardBy) if (listener.#route === 'mix') return true;
    return false;
  }

  #isMixedIn(tick: number): boolean {
    for (const listener of this.#heardBy) if (listener.#mixesIn(tick)) return true;
    return false;
  }

  /** Whether a frame is made in this tick; not when a forwarded packet has filled its time already. */
  #mixesIn(tick: number): boolean {
    return this.#route === 'mix' && this.#out?.isFilled(tick) === false;
  }

  /** Second half: makes and sends what this leg hears, unless packets are forwarded to it. */
  sendFrame(tick: number): void {
    if (this.#out === undefined || this.#audio === undefined || !this.#mixesIn(tick)) return;
    const isLastMixed = this.#soleSpeaker() !== undefined && this.#audio.peerListens;
    const isSilent = !this.#mix(tick);
    const keyTone = this.#keys.isBusy ? this.#sendKey(this.#out, tick) : 'none';
    if (keyTone !== 'sent' && this.#audio.peerListens) {
      if (isSilent && keyTone === 'none') {
        this.#out.sendFrame(undefined, tick);
      } else {
        if (isLastMixed) fadeOut(this.#sum);
        clipSum(this.#sum, this.#scratch);
        this.#out.sendFrame(keyTone === 'none' ? this.#scratch : keyTone, tick);
      }
    }
    if (isLastMixed) this.#route = 'forward';
  }

  /** Sums what this leg hears in this tick. @returns false when it is nothing at all. */
  #mix(tick: number): boolean {
    this.#sum.fill(0);
    let isHeard = false;
    if (this.#tail !== undefined) {
      addWithRamp(this.#sum, this.#tail, { gain: 1, target: 1 });
      this.#tail = undefined;
      isHeard = true;
    }
    for (const [speaker, cell] of this.#hears) {
      if (speaker.#hasFrame) {
        addWithRamp(this.#sum, speaker.#frame, cell);
        isHeard = true;
      } else {
        cell.gain = cell.target;
      }
      if (cell.target === 0 && cell.gain === 0) {
        this.#hears.delete(speaker);
        speaker.#dropListener(this);
      }
    }
    for (const playing of [this.#fading, this.#playing]) {
      if (playing === undefined) continue;
      const isDone = playing.playlist.render(this.#scratch, tick);
      addWithRamp(this.#sum, this.#scratch, playing.cell);
      isHeard = true;
      if (isDone && playing === this.#playing) this.#endPlaying('finished');
    }
    if (this.#fading?.cell.gain === 0) this.#fading = undefined;
    return isHeard;
  }

  /** @returns `sent` when the key went as events, or the tone that must sound instead. */
  #sendKey(out: OutboundStream, tick: number): 'sent' | Int16Array {
    const sounding = this.#keys.sounding;
    const packets = this.#keys.nextFrame();
    if (out.canSendEvents) {
      out.sendEvents(packets, tick);
      return 'sent';
    }
    return sounding === undefined ? new Int16Array(FRAME_SAMPLES) : makeKeyTone(sounding.digit, sounding.frame);
  }

  // ---- watching

  /** Whether somebody counts on hearing this leg, and since when. */
  #watchExpectation(): void {
    const isHeard = [...this.#heardBy].some((listener) => (listener.#hears.get(this)?.target ?? 0) > 0);
    if (isHeard && this.#audio?.peerSends === true) this.#expectsSinceMs ??= this.#now();
    else this.#expectsSinceMs = undefined;
  }

  /** Ends the leg when its audio stayed away for too long while somebody should hear it. */
  checkTimeout(timeoutMs: number): void {
    if (this.#expectsSinceMs === undefined) return;
    if (this.#now() - Math.max(this.#expectsSinceMs, this.#lastPacketMs) > timeoutMs) this.onFailed('media-timeout');
  }

  /** Sends a report of what was sent and received. @param epochMs - wall clock. */
  sendReport(tick: number, epochMs: number): void {
    if (this.#link === undefined || this.#out === undefined) return;
    const sender = { ssrc: this.#link.ssrc, epochMs, rtpTimestamp: this.#out.timestampAt(tick), packets: this.#out.packets, octets: this.#out.octets };
    this.#link.sendControl(this.reports.build(sender, this.#now()));
  }

  /** Ends everything that the leg does; idempotent. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#endPlaying('stopped');
    this.leaveMatrix();
    this.#taps.clear();
    await this.#link?.close();
  }
}

function fadeOut(sum: Int32Array): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] = ((sum[i] ?? 0) * (sum.length - i)) / sum.length;
}
