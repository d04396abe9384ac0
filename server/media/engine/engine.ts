import { randomInt } from 'node:crypto';
import { AppError } from '../../base/app-error.ts';
import { assertNever } from '../../base/assert-never.ts';
import type { CallId, LegId } from '../../model/ids.ts';
import type { G711Name } from '../codec/g711.ts';
import type { EdgeLink, WebRtcEdge } from '../edge/edge.ts';
import { AudioCache } from '../player/audio-cache.ts';
import { Playlist } from '../player/playlist.ts';
import { WavRecorder } from '../recorder/wav-recorder.ts';
import { UdpLink } from '../rtp/udp-link.ts';
import { findAudio, isWebRtc } from '../sdp/audio-section.ts';
import { agreeOnPlain, writePlainAnswer, writePlainOffer } from '../sdp/negotiate-plain.ts';
import type { AgreedAudio, LocalEnd } from '../sdp/negotiate-plain.ts';
import { parseSdp } from '../sdp/session-description.ts';
import { EngineLeg } from './engine-leg.ts';
import type { EngineFigures, LegFigures } from './engine-figures.ts';
import { toFaultFacts } from './fault.ts';
import type { EngineEvent, EngineOrder, EngineReplies, EngineRequest, EngineSetUp, SdpReply } from './protocol.ts';
import { Sources } from './sources.ts';
import { Ticker } from './ticker.ts';

/** Legs that one engine carries at most. */
const MAX_LEGS = 4_000;
/** RTCP every 5 s (RFC 3550 §6.2), each leg at its own moment. */
const REPORT_TICKS = 250;
const WATCH_TICKS = 50;
const PREFERRED: readonly G711Name[] = ['PCMA', 'PCMU'];

/** What an engine needs from where it runs. */
export interface EngineOptions {
  readonly setUp: EngineSetUp;
  readonly edge: WebRtcEdge;
  readonly emit: (event: EngineEvent) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Wall clock, for sender reports. */
  readonly epochNow: () => number;
}

/** A leg with what negotiating it again needs. */
type Entry =
  | { readonly kind: 'rtp'; readonly leg: EngineLeg; readonly link: UdpLink; local: LocalEnd; readonly reportAt: number }
  | { readonly kind: 'webrtc'; readonly leg: EngineLeg; readonly link: EdgeLink; readonly reportAt: number };

/**
 * The media engine: all legs, their matrix and their clock. Runs in a worker thread; carries out
 * commands and reports events (protocol.ts).
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #legs = new Map<LegId, Entry>();
  /** Legs whose link is being opened; a second one of the same id is refused. */
  readonly #opening = new Set<LegId>();
  readonly #recordings = new Map<number, { readonly leg: EngineLeg; readonly recorder: WavRecorder }>();
  readonly #cache: AudioCache;
  readonly #sources: Sources;
  readonly #ticker: Ticker;
  /** The playback that was ordered last for each leg: an older one that is still loading is too late. */
  readonly #latestPlayback = new Map<LegId, number>();

  constructor(options: EngineOptions) {
    this.#options = options;
    const { setUp } = options;
    this.#cache = new AudioCache(setUp.cacheBytes);
    this.#sources = new Sources({
      cache: this.#cache, promptsDirectory: setUp.promptsDirectory,
      ...(setUp.musicFile === undefined ? {} : { musicFile: setUp.musicFile }),
    });
    this.#ticker = new Ticker(options.now, (tick) => this.#onTick(tick));
  }

  /**
   * Carries out a request.
   * @throws AppError when it cannot be; an SDP that does not fit is a reply, not a fault.
   */
  async request<R extends Exclude<EngineRequest, { type: 'set-up' }>>(request: R): Promise<EngineReplies[R['type']]> {
    // A cast because TypeScript does not follow the request's type into its reply; the switch does.
    return await this.#carryOut(request) as EngineReplies[R['type']];
  }

  async #carryOut(request: Exclude<EngineRequest, { type: 'set-up' }>): Promise<EngineReplies[keyof EngineReplies]> {
    switch (request.type) {
      case 'answer-leg': return this.#openLeg(request.legId, () => this.#answerLeg(request));
      case 'offer-leg': return this.#openLeg(request.legId, () => this.#offerLeg(request));
      case 'accept-answer': return this.#acceptAnswer(request.legId, request.sdp);
      case 'reoffer': return this.#reoffer(request.legId, request.sdp);
      case 'close-leg': return this.#closeLeg(request.legId);
      case 'start-recording': return this.#startRecording(request);
      case 'stop-recording': return this.#stopRecording(request.recordingId);
      case 'figures': return this.#figures();
      case 'shut-down': return this.#shutDown();
      default: return assertNever(request);
    }
  }

  /** Carries out an order; one for a leg that is gone is ignored. */
  order(order: EngineOrder): void {
    switch (order.type) {
      case 'play':
        void this.#play(order);
        return;
      case 'stop-playback':
        this.#stopPlayback(order);
        return;
      case 'send-digit':
        if (this.#legs.get(order.legId)?.leg.sendDigit(order.digit) === false) {
          this.#report(new AppError({ code: 'media.too-many-keys', category: 'agent', message: 'more keys than can be sent' }));
        }
        return;
      case 'set-hears': {
        const listener = this.#legs.get(order.listener)?.leg;
        const speaker = this.#legs.get(order.speaker)?.leg;
        if (listener !== undefined && speaker !== undefined && listener !== speaker) listener.setHears(speaker, Math.min(1, Math.max(0, order.gain)));
        return;
      }
      default: assertNever(order);
    }
  }

  // ---- legs

  async #openLeg<T>(legId: LegId, open: () => Promise<T>): Promise<T> {
    if (this.#legs.has(legId) || this.#opening.has(legId)) throw new AppError({ code: 'media.leg-exists', category: 'bug', message: `the leg ${legId} exists already` });
    if (this.#legs.size + this.#opening.size >= MAX_LEGS) throw new AppError({ code: 'media.full', category: 'config', message: `the engine carries ${MAX_LEGS} legs already`, retryable: true });
    this.#opening.add(legId);
    try {
      return await open();
    } finally {
      this.#opening.delete(legId);
    }
  }

  async #answerLeg(request: Extract<EngineRequest, { type: 'answer-leg' }>): Promise<SdpReply> {
    const parsed = parseSdp(request.offer);
    if (parsed.kind === 'malformed') return { kind: 'unsupported', reason: `the offer is malformed: ${parsed.reason}` };
    const section = findAudio(parsed.session);
    const preferred = this.#codecOf(request.callId);
    if (section !== undefined && isWebRtc(section)) return this.#answerWebRtc(request, preferred);
    const agreed = agreeOnPlain(section, preferred);
    if (agreed.kind === 'unsupported') return agreed;
    const leg = this.#makeLeg(request);
    const link = await UdpLink.open(this.#options.setUp.host, this.#options.setUp.rtpPorts, leg);
    leg.attach(link);
    link.connect(agreed.peer);
    leg.agree(agreed.audio);
    const local = this.#localEnd(link.port);
    this.#add({ kind: 'rtp', leg, link, local, reportAt: randomInt(REPORT_TICKS) });
    return { kind: 'agreed', sdp: writePlainAnswer(parsed.session, agreed, local) };
  }

  async #answerWebRtc(request: Extract<EngineRequest, { type: 'answer-leg' }>, preferred: G711Name | undefined): Promise<SdpReply> {
    const leg = this.#makeLeg(request);
    const answered = await this.#options.edge.answer(request.offer, leg, preferences(preferred));
    if (answered.kind === 'unsupported') return answered;
    this.#addWebRtc(leg, answered.link, answered.audio);
    return { kind: 'agreed', sdp: answered.sdp };
  }

  async #offerLeg(request: Extract<EngineRequest, { type: 'offer-leg' }>): Promise<{ readonly sdp: string }> {
    const leg = this.#makeLeg(request);
    const preferred = this.#codecOf(request.callId);
    if (request.kind === 'webrtc') {
      const { link, sdp } = await this.#options.edge.offer(leg, preferences(preferred));
      this.#addWebRtc(leg, link);
      return { sdp };
    }
    const link = await UdpLink.open(this.#options.setUp.host, this.#options.setUp.rtpPorts, leg);
    leg.attach(link);
    const local = this.#localEnd(link.port);
    this.#add({ kind: 'rtp', leg, link, local, reportAt: randomInt(REPORT_TICKS) });
    return { sdp: writePlainOffer(local, preferred ?? 'PCMA') };
  }

  async #acceptAnswer(legId: LegId, sdp: string): Promise<SdpReply> {
    const entry = this.#need(legId);
    if (entry.kind === 'webrtc') {
      const accepted = await entry.link.acceptAnswer(sdp);
      if (accepted.kind === 'unsupported') return accepted;
      entry.leg.agree(accepted.audio);
      return { kind: 'agreed', sdp };
    }
    const parsed = parseSdp(sdp);
    if (parsed.kind === 'malformed') return { kind: 'unsupported', reason: `the answer is malformed: ${parsed.reason}` };
    const agreed = agreeOnPlain(findAudio(parsed.session));
    if (agreed.kind === 'unsupported') return agreed;
    entry.link.connect(agreed.peer);
    entry.leg.agree(agreed.audio);
    return { kind: 'agreed', sdp };
  }

  async #reoffer(legId: LegId, sdp: string): Promise<SdpReply> {
    const entry = this.#need(legId);
    if (entry.kind === 'webrtc') {
      const answered = await entry.link.reoffer(sdp);
      if (answered.kind === 'agreed') entry.leg.agree(answered.audio);
      return answered.kind === 'agreed' ? { kind: 'agreed', sdp: answered.sdp } : answered;
    }
    const parsed = parseSdp(sdp);
    if (parsed.kind === 'malformed') return { kind: 'unsupported', reason: `the offer is malformed: ${parsed.reason}` };
    const agreed = agreeOnPlain(findAudio(parsed.session), entry.leg.audio?.codec);
    if (agreed.kind === 'unsupported') return agreed;
    entry.link.connect(agreed.peer);
    entry.leg.agree(agreed.audio);
    entry.local = { ...entry.local, version: entry.local.version + 1 };
    return { kind: 'agreed', sdp: writePlainAnswer(parsed.session, agreed, entry.local) };
  }

  async #closeLeg(legId: LegId): Promise<null> {
    const entry = this.#legs.get(legId);
    if (entry === undefined) return null;
    this.#legs.delete(legId);
    this.#latestPlayback.delete(legId);
    if (this.#legs.size === 0) this.#ticker.stop();
    const recordings = [...this.#recordings].filter(([, { leg }]) => leg === entry.leg);
    await entry.leg.close();
    for (const [id] of recordings) await this.#stopRecording(id).catch((cause: unknown) => this.#report(cause));
    return null;
  }

  #makeLeg(request: { readonly legId: LegId; readonly callId: CallId }): EngineLeg {
    const { legId, callId } = request;
    const { emit, now } = this.#options;
    return new EngineLeg({
      legId, callId, now,
      tick: () => this.#ticker.tick,
      listener: {
        onDigit: (digit) => emit({ type: 'digit', legId, digit }),
        onPlaybackEnded: (playbackId, outcome) => emit({ type: 'playback-ended', legId, playbackId, outcome }),
        onFailed: (reason) => emit({ type: 'leg-failed', legId, reason }),
      },
    });
  }

  #addWebRtc(leg: EngineLeg, link: EdgeLink, audio?: AgreedAudio): void {
    leg.attach(link);
    if (audio !== undefined) leg.agree(audio);
    this.#add({ kind: 'webrtc', leg, link, reportAt: randomInt(REPORT_TICKS) });
  }

  #add(entry: Entry): void {
    this.#legs.set(entry.leg.legId, entry);
    this.#ticker.start();
  }

  #need(legId: LegId): Entry {
    const entry = this.#legs.get(legId);
    if (entry === undefined) throw new AppError({ code: 'media.no-leg', category: 'bug', message: `there is no leg ${legId}` });
    return entry;
  }

  /** The codec that another leg of the call speaks: the same one needs no transcoding. */
  #codecOf(callId: CallId): G711Name | undefined {
    for (const { leg } of this.#legs.values()) if (leg.callId === callId && leg.audio !== undefined) return leg.audio.codec;
    return undefined;
  }

  #localEnd(port: number): LocalEnd {
    return { address: this.#options.setUp.announcedHost, port, sessionId: String(randomInt(1, 2 ** 47)), version: 1 };
  }

  // ---- playing and recording

  async #play(order: Extract<EngineOrder, { type: 'play' }>): Promise<void> {
    const { legId, playbackId } = order;
    const end = (outcome: 'stopped' | 'failed'): void => this.#options.emit({ type: 'playback-ended', legId, playbackId, outcome });
    if (!this.#legs.has(legId)) {
      end('stopped');
      return;
    }
    this.#latestPlayback.set(legId, playbackId);
    try {
      const ready = await this.#sources.prepare(order.sources);
      const leg = this.#legs.get(legId)?.leg;
      if (leg === undefined || this.#latestPlayback.get(legId) !== playbackId) {
        end('stopped');
        return;
      }
      leg.play(playbackId, new Playlist(ready, order.loop), ready[0]?.kind === 'in-step');
    } catch (cause) {
      this.#report(cause);
      end('failed');
    }
  }

  #stopPlayback(order: Extract<EngineOrder, { type: 'stop-playback' }>): void {
    if (this.#latestPlayback.get(order.legId) === order.playbackId) this.#latestPlayback.delete(order.legId);
    this.#legs.get(order.legId)?.leg.stopPlaying(order.playbackId);
  }

  async #startRecording(request: Extract<EngineRequest, { type: 'start-recording' }>): Promise<null> {
    const recorder = await WavRecorder.create(request.path);
    const leg = this.#legs.get(request.legId)?.leg;
    if (leg === undefined) {
      await recorder.close();
      throw new AppError({ code: 'media.no-leg', category: 'bug', message: `there is no leg ${request.legId}` });
    }
    leg.addTap(recorder);
    this.#recordings.set(request.recordingId, { leg, recorder });
    return null;
  }

  async #stopRecording(recordingId: number): Promise<null> {
    const recording = this.#recordings.get(recordingId);
    if (recording === undefined) return null;
    this.#recordings.delete(recordingId);
    recording.leg.removeTap(recording.recorder);
    await recording.recorder.close();
    return null;
  }

  // ---- the clock

  #onTick(tick: number): void {
    for (const { leg } of this.#legs.values()) leg.takeFrame(tick);
    for (const { leg } of this.#legs.values()) leg.sendFrame(tick);
    for (const { leg, reportAt } of this.#legs.values()) {
      if (tick % REPORT_TICKS === reportAt) leg.sendReport(tick, this.#options.epochNow());
      if (tick % WATCH_TICKS === reportAt % WATCH_TICKS) leg.checkTimeout(this.#options.setUp.mediaTimeoutMs);
    }
  }

  #figures(): EngineFigures {
    const entries = [...this.#legs.values()];
    return {
      legs: entries.length,
      ports: entries.reduce((sum, { kind }) => sum + (kind === 'rtp' ? 2 : 1), 0),
      recordings: this.#recordings.size,
      cachedBytes: this.#cache.bytes,
      ticker: this.#ticker.figures(),
      perLeg: entries.map(describeLeg),
    };
  }

  async #shutDown(): Promise<null> {
    this.#ticker.stop();
    for (const legId of [...this.#legs.keys()]) await this.#closeLeg(legId);
    await this.#options.edge.close();
    return null;
  }

  #report(cause: unknown): void {
    this.#options.emit({ type: 'fault', fault: toFaultFacts(cause) });
  }
}

const preferences = (first: G711Name | undefined): readonly G711Name[] =>
  (first === undefined ? PREFERRED : [first, ...PREFERRED.filter((name) => name !== first)]);

const describeLeg = ({ kind, leg, link }: Entry): LegFigures => ({
  legId: leg.legId, kind, route: leg.route, isPlaying: leg.isPlaying,
  path: leg.reports.figures(), jitter: leg.queue.figures(), refusedPackets: link.refused,
});
