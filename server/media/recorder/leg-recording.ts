import type { RecordingEnd, RecordingEnding } from '../../model/recording.ts';
import { FRAME_MS } from '../codec/frame.ts';
import type { RecordingOrder } from '../engine/protocol.ts';
import { BeepAudience } from './beep-audience.ts';
import type { ByteSink } from './byte-sink.ts';
import { HeardVoices } from './heard-voices.ts';
import type { RecordedLeg } from './recorded-leg.ts';
import { encodeFooter } from './recording-footer.ts';
import { chunkBytes, RecordingTrack } from './recording-track.ts';
import { SealedWriter } from './sealed-writer.ts';
import { SilenceWatch } from './silence-watch.ts';

/** Ticks that may be made up for: a machine that slept for longer has no conversation to go on with. One minute. */
const MAX_MISSED_TICKS = 60_000 / FRAME_MS;

/** What a recording tells the engine. */
export interface RecordingListener {
  /** Once, however it ended. */
  onEnded(end: RecordingEnd): void;
  /** Audio is being lost, or the disk refused it. */
  onTrouble(code: 'media.recording-slow' | 'media.recording-failed', cause?: unknown): void;
}

/** What a recording is made with. */
export interface LegRecordingOptions {
  readonly order: RecordingOrder;
  readonly leg: RecordedLeg;
  readonly sink: ByteSink;
  readonly listener: RecordingListener;
}

/**
 * One recording in the engine: on each tick takes what the leg says and, of a conversation, what
 * it hears others say, and hands it to the file.
 */
export class LegRecording {
  readonly leg: RecordedLeg;
  readonly #order: RecordingOrder;
  readonly #listener: RecordingListener;
  readonly #writer: SealedWriter;
  readonly #track: RecordingTrack;
  readonly #heard: HeardVoices | undefined;
  readonly #audience: BeepAudience | undefined;
  readonly #silence: SilenceWatch | undefined;
  #lastTick: number | undefined;
  #ending: Promise<void> | undefined;

  constructor({ order, leg, sink, listener }: LegRecordingOptions) {
    const channels = order.kind === 'conversation' ? 2 : 1;
    this.leg = leg;
    this.#order = order;
    this.#listener = listener;
    this.#writer = new SealedWriter({
      sink, header: order.file.header, key: order.file.key, chunkBytes: chunkBytes(channels), onFailed: (cause) => this.#onFailed(cause),
    });
    this.#track = new RecordingTrack(this.#writer, channels);
    this.#heard = order.kind === 'conversation' ? new HeardVoices(leg) : undefined;
    this.#audience = order.beep === undefined ? undefined : new BeepAudience(leg, order.beep);
    this.#silence = order.limits.silence === undefined ? undefined : new SilenceWatch(order.limits.silence);
    leg.beginRecording();
  }

  /** Takes this tick, after every leg has its frame and before any is sent one. Ticks that were left out are silent. */
  capture(tick: number): void {
    if (this.#ending !== undefined) return;
    const missed = this.#lastTick === undefined ? 0 : tick - this.#lastTick - 1;
    this.#lastTick = tick;
    if (missed > 0) this.#track.addSilence(Math.min(missed, MAX_MISSED_TICKS));
    const { isPaused, lostMs } = this.#track;
    this.#audience?.tick(!isPaused);
    // Mixed even while paused, so that its ramps stay with the matrix.
    const heard = this.#heard?.mix();
    if (isPaused) this.#track.addSilence(1);
    else this.#track.addFrame(this.leg.voice, heard);
    if (lostMs === 0 && this.#track.lostMs > 0) this.#listener.onTrouble('media.recording-slow');
    if (this.#track.positionMs >= this.#order.limits.maxLengthMs) void this.end('max-length');
    else if (!isPaused && this.#silence?.hear(this.leg.voice) === true) void this.end('silence');
  }

  /** @returns the position in the recording from which this holds. */
  setPaused(isPaused: boolean): number {
    const { positionMs } = this.#track;
    if (this.#ending === undefined) this.#track.setPaused(isPaused);
    return positionMs;
  }

  /** Ends it; resolves when the file is whole, or is known not to become so. Idempotent. Never rejects. */
  end(how: RecordingEnding): Promise<void> {
    this.#ending ??= this.#finish(how);
    return this.#ending;
  }

  #onFailed(cause: unknown): void {
    this.#listener.onTrouble('media.recording-failed', cause);
    void this.end('failed');
  }

  async #finish(how: RecordingEnding): Promise<void> {
    this.#audience?.close();
    this.leg.endRecording();
    const track = this.#track;
    const facts = { durationMs: track.positionMs, lostMs: track.lostMs };
    try {
      const footer = { audioBytes: track.audioBytes, how, markers: track.markers(), peaks: track.peaks };
      const file = await this.#writer.finish(track.takeRest(), (cipher) => encodeFooter(footer, cipher));
      this.#listener.onEnded({ how, ...facts, ...file });
    } catch {
      // The writer has said why, through onFailed.
      this.#listener.onEnded({ how: 'failed', ...facts, bytes: 0, reason: 'disk-refused' });
    }
  }
}
