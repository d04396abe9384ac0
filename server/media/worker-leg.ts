import { assertNever } from '../base/assert-never.ts';
import type { MediaLeg, Negotiation } from '../call/ports.ts';
import type { AudioSource, Playback } from '../model/audio.ts';
import type { Digit } from '../model/digit.ts';
import type { LegId } from '../model/ids.ts';
import type { VoiceCodec } from '../model/media-terms.ts';
import type { AudioProblem, VoiceQuality } from '../model/voice-quality.ts';
import type { EngineOrder, EngineReplies, EngineRequest, LegEvent } from './engine/protocol.ts';

/** How a leg reaches its engine. */
export interface LegChannel {
  order(order: EngineOrder): void;
  request<R extends EngineRequest>(request: R): Promise<EngineReplies[R['type']]>;
  /** A number that was not used before. */
  takeId(): number;
  onClosed(): void;
}

type PlaybackOutcome = 'finished' | 'stopped' | 'failed';

/** One leg on the signalling side: turns calls into commands, and events into promises. */
export class WorkerLeg implements MediaLeg {
  readonly legId: LegId;
  readonly failed: Promise<{ readonly reason: string }>;
  readonly #channel: LegChannel;
  readonly #digitListeners = new Set<(digit: Digit) => void>();
  readonly #qualityListeners = new Set<(quality: VoiceQuality) => void>();
  readonly #problemListeners = new Set<(problem: AudioProblem) => void>();
  readonly #playbacks = new Map<number, (outcome: PlaybackOutcome) => void>();
  #resolveFailed: (failure: { readonly reason: string }) => void = () => undefined;
  #isGone = false;
  #closing: Promise<void> | undefined;

  constructor(legId: LegId, channel: LegChannel) {
    this.legId = legId;
    this.#channel = channel;
    this.failed = new Promise((resolve) => { this.#resolveFailed = resolve; });
  }

  async acceptAnswer(sdp: string): Promise<Negotiation<object>> {
    const reply = await this.#channel.request({ type: 'accept-answer', legId: this.legId, sdp });
    return reply.kind === 'agreed' ? { kind: 'agreed' } : reply;
  }

  propose(codecs: readonly VoiceCodec[]): Promise<{ readonly sdp: string }> {
    return this.#channel.request({ type: 'propose', legId: this.legId, codecs });
  }

  reoffer(sdp: string): Promise<Negotiation<{ readonly sdp: string }>> {
    return this.#channel.request({ type: 'reoffer', legId: this.legId, sdp });
  }

  play(sources: readonly AudioSource[], options: { readonly loop?: boolean } = {}): Playback {
    if (this.#isGone) return { done: Promise.resolve('stopped'), stop: () => undefined };
    const playbackId = this.#channel.takeId();
    const done = new Promise<PlaybackOutcome>((resolve) => { this.#playbacks.set(playbackId, resolve); });
    this.#channel.order({ type: 'play', legId: this.legId, playbackId, sources, loop: options.loop ?? false });
    return {
      done,
      stop: () => {
        if (this.#playbacks.has(playbackId)) this.#channel.order({ type: 'stop-playback', legId: this.legId, playbackId });
      },
    };
  }

  onDigit(listener: (digit: Digit) => void): () => void {
    return listen(this.#digitListeners, listener);
  }

  onQuality(listener: (quality: VoiceQuality) => void): () => void {
    return listen(this.#qualityListeners, listener);
  }

  onAudioProblem(listener: (problem: AudioProblem) => void): () => void {
    return listen(this.#problemListeners, listener);
  }

  takeInfoKey(digit: Digit): void {
    this.#channel.order({ type: 'info-key', legId: this.legId, digit });
  }

  sendDigit(digit: Digit): void {
    this.#channel.order({ type: 'send-digit', legId: this.legId, digit });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    if (this.#isGone) return;
    const closing = this.#channel.request({ type: 'close-leg', legId: this.legId });
    try {
      await closing;
    } catch (cause) {
      // A worker that died meanwhile took the leg's ports with it: the leg is closed all the same.
      if (!this.#isGone) throw cause;
    } finally {
      this.#leave('stopped');
    }
  }

  /** Takes what the engine says about this leg. */
  receive(event: LegEvent): void {
    switch (event.type) {
      case 'digit':
        tell(this.#digitListeners, event.digit);
        return;
      case 'quality':
        tell(this.#qualityListeners, event.quality);
        return;
      case 'audio-problem':
        tell(this.#problemListeners, event.problem);
        return;
      case 'playback-ended':
        this.#playbacks.get(event.playbackId)?.(event.outcome);
        this.#playbacks.delete(event.playbackId);
        return;
      case 'leg-failed':
        if (this.#closing === undefined) this.#resolveFailed({ reason: event.reason });
        return;
      default: assertNever(event);
    }
  }

  /** The engine is gone; `reason` is set when nobody meant it to go. */
  workerEnded(reason: string | undefined): void {
    if (reason !== undefined && this.#closing === undefined) this.#resolveFailed({ reason });
    this.#leave(reason === undefined ? 'stopped' : 'failed');
  }

  #leave(outcome: PlaybackOutcome): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const resolve of this.#playbacks.values()) resolve(outcome);
    this.#playbacks.clear();
    for (const listeners of [this.#digitListeners, this.#qualityListeners, this.#problemListeners]) listeners.clear();
    this.#channel.onClosed();
  }
}

function listen<T>(listeners: Set<(what: T) => void>, listener: (what: T) => void): () => void {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
}

function tell<T>(listeners: ReadonlySet<(what: T) => void>, what: T): void {
  for (const listener of [...listeners]) listener(what);
}
