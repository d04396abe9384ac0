import { randomInt } from 'node:crypto';
import { AppError } from '../../base/app-error.ts';
import { assertNever } from '../../base/assert-never.ts';
import type { CallId, LegId } from '../../model/ids.ts';
import type { VoiceCodec } from '../../model/media-terms.ts';
import type { WebRtcEdge } from '../edge/edge.ts';
import { AudioCache } from '../player/audio-cache.ts';
import { Playlist } from '../player/playlist.ts';
import { EngineRecordings } from '../recorder/engine-recordings.ts';
import { WavRecorder } from '../recorder/wav-recorder.ts';
import { EngineLeg } from './engine-leg.ts';
import type { EngineFigures, LegFigures } from './engine-figures.ts';
import { toFaultFacts } from './fault.ts';
import { LegNegotiator } from './leg-negotiator.ts';
import type { ConnectedLeg } from './leg-negotiator.ts';
import type { EngineEvent, EngineOrder, EngineReplies, EngineRequest, EngineSetUp, SdpReply } from './protocol.ts';
import { Sources } from './sources.ts';
import { Ticker } from './ticker.ts';

/** Legs that one engine carries at most. */
const MAX_LEGS = 4_000;
/** RTCP every 5 s (RFC 3550 §6.2), each leg at its own moment. */
const REPORT_TICKS = 250;
const WATCH_TICKS = 50;

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

/** A leg, and the frame of each report period in which it reports. */
interface Entry {
  readonly connected: ConnectedLeg;
  readonly reportAt: number;
}

/**
 * The media engine: all legs, their matrix and their clock. Runs in a worker thread; carries out
 * commands and reports events (protocol.ts).
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #legs = new Map<LegId, Entry>();
  /** Legs whose link is being opened; a second one of the same id is refused. */
  readonly #opening = new Set<LegId>();
  readonly #captures = new Map<number, { readonly leg: EngineLeg; readonly recorder: WavRecorder }>();
  readonly #recordings: EngineRecordings;
  readonly #cache: AudioCache;
  readonly #sources: Sources;
  readonly #negotiator: LegNegotiator;
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
    this.#negotiator = new LegNegotiator({ setUp, edge: options.edge });
    this.#recordings = new EngineRecordings({ emit: options.emit, findLeg: ({ legId }) => this.#findLeg(legId) });
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
      case 'answer-leg': return this.#answerLeg(request);
      case 'offer-leg': return this.#offerLeg(request);
      case 'accept-answer': return this.#negotiator.acceptAnswer(this.#need(request.legId), request.sdp);
      case 'propose': return this.#negotiator.propose(this.#need(request.legId), request.codecs);
      case 'reoffer': return this.#negotiator.reoffer(this.#need(request.legId), request.sdp);
      case 'close-leg': return this.#closeLeg(request.legId);
      case 'start-capture': return this.#startCapture(request);
      case 'stop-capture': return this.#stopCapture(request.captureId);
      case 'start-recording': return this.#recordings.start(request.order).then(() => null);
      case 'pause-recording': return { positionMs: this.#recordings.setPaused(request.recordingId, request.isPaused) };
      case 'stop-recording': return this.#recordings.stop(request.recordingId).then(() => null);
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
        if (this.#findLeg(order.legId)?.sendDigit(order.digit) === false) {
          this.#report(new AppError({ code: 'media.too-many-keys', category: 'agent', message: 'more keys than can be sent' }));
        }
        return;
      case 'info-key':
        this.#findLeg(order.legId)?.takeInfoKey(order.digit);
        return;
      case 'set-hears': {
        const listener = this.#findLeg(order.listener);
        const speaker = this.#findLeg(order.speaker);
        if (listener !== undefined && speaker !== undefined && listener !== speaker) listener.setHears(speaker, Math.min(1, Math.max(0, order.gain)));
        return;
      }
      default: assertNever(order);
    }
  }

  async #openLeg<T>(request: { readonly legId: LegId; readonly callId: CallId }, open: (leg: EngineLeg, preferred: VoiceCodec | undefined) => Promise<T>): Promise<T> {
    const { legId, callId } = request;
    if (this.#legs.has(legId) || this.#opening.has(legId)) throw new AppError({ code: 'media.leg-exists', category: 'bug', message: `the leg ${legId} exists already` });
    if (this.#legs.size + this.#opening.size >= MAX_LEGS) throw new AppError({ code: 'media.full', category: 'config', message: `the engine carries ${MAX_LEGS} legs already`, retryable: true });
    this.#opening.add(legId);
    try {
      return await open(this.#makeLeg(legId, callId), this.#codecOf(callId));
    } finally {
      this.#opening.delete(legId);
    }
  }

  #answerLeg(request: Extract<EngineRequest, { type: 'answer-leg' }>): Promise<SdpReply> {
    return this.#openLeg(request, async (leg, preferred) => {
      const answered = await this.#negotiator.answer(leg, request.offer, { preferred, terms: request.terms });
      if (answered.kind === 'unsupported') return answered;
      this.#add(answered.connected);
      return { kind: 'agreed', sdp: answered.sdp };
    });
  }

  #offerLeg(request: Extract<EngineRequest, { type: 'offer-leg' }>): Promise<{ readonly sdp: string }> {
    return this.#openLeg(request, async (leg, preferred) => {
      const { sdp, connected } = await this.#negotiator.offer(leg, request.kind, { preferred, terms: request.terms });
      this.#add(connected);
      return { sdp };
    });
  }

  async #closeLeg(legId: LegId): Promise<null> {
    const leg = this.#findLeg(legId);
    if (leg === undefined) return null;
    this.#legs.delete(legId);
    this.#latestPlayback.delete(legId);
    if (this.#legs.size === 0) this.#ticker.stop();
    this.#recordings.endOf(leg);
    const captures = [...this.#captures].filter(([, capture]) => capture.leg === leg);
    await leg.close();
    for (const [id] of captures) await this.#stopCapture(id).catch((cause: unknown) => this.#report(cause));
    return null;
  }

  #makeLeg(legId: LegId, callId: CallId): EngineLeg {
    const { emit, now } = this.#options;
    return new EngineLeg({
      legId, callId, now,
      tick: () => this.#ticker.tick,
      listener: {
        onDigit: (digit) => emit({ type: 'digit', legId, digit }),
        onPlaybackEnded: (playbackId, outcome) => emit({ type: 'playback-ended', legId, playbackId, outcome }),
        onFailed: (reason) => emit({ type: 'leg-failed', legId, reason }),
        onQuality: (quality) => emit({ type: 'quality', legId, quality }),
        onAudioProblem: (problem) => emit({ type: 'audio-problem', legId, problem }),
      },
    });
  }

  #add(connected: ConnectedLeg): void {
    this.#legs.set(connected.leg.legId, { connected, reportAt: randomInt(REPORT_TICKS) });
    this.#ticker.start();
  }

  #findLeg(legId: LegId): EngineLeg | undefined {
    return this.#legs.get(legId)?.connected.leg;
  }

  #need(legId: LegId): ConnectedLeg {
    const entry = this.#legs.get(legId);
    if (entry === undefined) throw new AppError({ code: 'media.no-leg', category: 'bug', message: `there is no leg ${legId}` });
    return entry.connected;
  }

  /** The codec that another leg of the call speaks: the same one needs no transcoding. */
  #codecOf(callId: CallId): VoiceCodec | undefined {
    for (const { connected: { leg } } of this.#legs.values()) if (leg.callId === callId && leg.audio !== undefined) return leg.audio.codec;
    return undefined;
  }

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
      const leg = this.#findLeg(legId);
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
    this.#findLeg(order.legId)?.stopPlaying(order.playbackId);
  }

  async #startCapture(request: Extract<EngineRequest, { type: 'start-capture' }>): Promise<null> {
    const recorder = await WavRecorder.create(request.path);
    const leg = this.#findLeg(request.legId);
    if (leg === undefined) {
      await recorder.close();
      throw new AppError({ code: 'media.no-leg', category: 'bug', message: `there is no leg ${request.legId}` });
    }
    leg.addTap(recorder);
    this.#captures.set(request.captureId, { leg, recorder });
    return null;
  }

  async #stopCapture(captureId: number): Promise<null> {
    const capture = this.#captures.get(captureId);
    if (capture === undefined) return null;
    this.#captures.delete(captureId);
    capture.leg.removeTap(capture.recorder);
    await capture.recorder.close();
    return null;
  }

  #onTick(tick: number): void {
    const { mediaTimeoutMs: heardMs, idleTimeoutMs } = this.#options.setUp;
    for (const { connected } of this.#legs.values()) connected.leg.takeFrame(tick);
    this.#recordings.capture(tick);
    for (const { connected } of this.#legs.values()) connected.leg.sendFrame(tick);
    for (const { connected, reportAt } of this.#legs.values()) {
      if (tick % REPORT_TICKS === reportAt) connected.leg.sendReport(tick, this.#options.epochNow());
      // A browser's path is watched by the browser edge (RFC 7675).
      const idleMs = connected.kind === 'rtp' ? idleTimeoutMs : Infinity;
      if (tick % WATCH_TICKS === reportAt % WATCH_TICKS) connected.leg.watch(tick, { heardMs, idleMs });
    }
  }

  #figures(): EngineFigures {
    const legs = [...this.#legs.values()].map(({ connected }) => connected);
    return {
      legs: legs.length,
      ports: legs.reduce((sum, { kind }) => sum + (kind === 'rtp' ? 2 : 1), 0),
      recordings: this.#recordings.count + this.#captures.size,
      cachedBytes: this.#cache.bytes,
      ticker: this.#ticker.figures(),
      perLeg: legs.map(describeLeg),
    };
  }

  async #shutDown(): Promise<null> {
    this.#ticker.stop();
    for (const legId of [...this.#legs.keys()]) await this.#closeLeg(legId);
    await this.#recordings.close();
    await this.#options.edge.close();
    return null;
  }

  #report(cause: unknown): void {
    this.#options.emit({ type: 'fault', fault: toFaultFacts(cause) });
  }
}

const describeLeg = ({ kind, leg, link }: ConnectedLeg): LegFigures => ({
  legId: leg.legId, kind, route: leg.route, isPlaying: leg.isPlaying,
  path: leg.reports.figures(), jitter: leg.jitter.figures, refusedPackets: link.refused,
});
