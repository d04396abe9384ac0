import type { AudioSource } from '../../model/audio.ts';
import type { Digit } from '../../model/digit.ts';
import type { CallId, LegId, RecordingId } from '../../model/ids.ts';
import type { MediaTerms, VoiceCodec } from '../../model/media-terms.ts';
import type { RecordingEnd, RecordingKind, RecordingLimits } from '../../model/recording.ts';
import type { RecordingBeep } from '../../model/recording-policy.ts';
import type { AudioProblem, VoiceQuality } from '../../model/voice-quality.ts';
import type { EngineFigures } from './engine-figures.ts';

/**
 * Version of the commands and events between the signalling side and a media engine. Both refuse
 * another one: an engine may later run on another machine.
 */
export const PROTOCOL_VERSION = 2;

/** How an engine is set up; the first message to it. */
export interface EngineSetUp {
  readonly host: string;
  /** Address in descriptions when it differs from `host` (a NAT with fixed ports). */
  readonly announcedHost: string;
  readonly rtpPorts: { readonly min: number; readonly max: number };
  readonly promptsDirectory: string;
  readonly musicFile?: string;
  /** A leg that somebody should hear fails after so long without packets. */
  readonly mediaTimeoutMs: number;
  /** A plain leg that nobody hears (a menu, a queue) fails after so long without any sign of life. */
  readonly idleTimeoutMs: number;
  /** Decoded prompts that are kept, in bytes. */
  readonly cacheBytes: number;
}

/** Where and with what an engine writes a recording. */
export interface RecordingFileOrder {
  readonly path: string;
  /** The file's header as it is to be written. */
  readonly header: Uint8Array;
  /** Opens this one file; no engine ever sees the key of a tenant. */
  readonly key: Uint8Array;
}

/** A recording to be made. */
export interface RecordingOrder {
  readonly recordingId: RecordingId;
  readonly legId: LegId;
  readonly kind: RecordingKind;
  readonly file: RecordingFileOrder;
  readonly beep?: RecordingBeep;
  readonly limits: RecordingLimits;
}

/** Commands that are answered. */
export type EngineRequest =
  | { readonly type: 'set-up'; readonly setUp: EngineSetUp }
  | { readonly type: 'answer-leg'; readonly legId: LegId; readonly callId: CallId; readonly offer: string; readonly terms?: MediaTerms }
  | { readonly type: 'offer-leg'; readonly legId: LegId; readonly callId: CallId; readonly kind: 'rtp' | 'webrtc'; readonly terms?: MediaTerms }
  | { readonly type: 'propose'; readonly legId: LegId; readonly codecs: readonly VoiceCodec[] }
  | { readonly type: 'accept-answer'; readonly legId: LegId; readonly sdp: string }
  | { readonly type: 'reoffer'; readonly legId: LegId; readonly sdp: string }
  | { readonly type: 'close-leg'; readonly legId: LegId }
  /** A plain file of what one leg receives, for the command-line caller and for tests. */
  | { readonly type: 'start-capture'; readonly legId: LegId; readonly captureId: number; readonly path: string }
  | { readonly type: 'stop-capture'; readonly captureId: number }
  | { readonly type: 'start-recording'; readonly order: RecordingOrder }
  | { readonly type: 'pause-recording'; readonly recordingId: RecordingId; readonly isPaused: boolean }
  /** Answered when it is ended; its figures come as `recording-ended`. */
  | { readonly type: 'stop-recording'; readonly recordingId: RecordingId }
  | { readonly type: 'figures' }
  | { readonly type: 'shut-down' };

/** Commands that are not answered; they take effect in order. */
export type EngineOrder =
  | { readonly type: 'play'; readonly legId: LegId; readonly playbackId: number; readonly sources: readonly AudioSource[]; readonly loop: boolean }
  | { readonly type: 'stop-playback'; readonly legId: LegId; readonly playbackId: number }
  /** A key of the leg's telephone that came by SIP INFO. */
  | { readonly type: 'info-key'; readonly legId: LegId; readonly digit: Digit }
  | { readonly type: 'send-digit'; readonly legId: LegId; readonly digit: Digit }
  | { readonly type: 'set-hears'; readonly listener: LegId; readonly speaker: LegId; readonly gain: number };

/** An SDP that was taken, or not. */
export type SdpReply =
  | { readonly kind: 'agreed'; readonly sdp: string }
  | { readonly kind: 'unsupported'; readonly reason: string };

/** What each request is answered with. */
export interface EngineReplies {
  readonly 'set-up': null;
  readonly 'answer-leg': SdpReply;
  readonly 'offer-leg': { readonly sdp: string };
  readonly propose: { readonly sdp: string };
  readonly 'accept-answer': SdpReply;
  readonly reoffer: SdpReply;
  readonly 'close-leg': null;
  readonly 'start-capture': null;
  readonly 'stop-capture': null;
  readonly 'start-recording': null;
  readonly 'pause-recording': { readonly positionMs: number };
  readonly 'stop-recording': null;
  readonly figures: EngineFigures;
  readonly 'shut-down': null;
}

/** A fault as it crosses a thread: what an AppError is made of. */
export interface FaultFacts {
  readonly code: string;
  readonly category: 'caller' | 'agent' | 'upstream' | 'config' | 'bug';
  readonly message: string;
  readonly retryable: boolean;
}

/** What happens on one leg by itself. */
export type LegEvent =
  | { readonly type: 'digit'; readonly legId: LegId; readonly digit: Digit }
  | { readonly type: 'playback-ended'; readonly legId: LegId; readonly playbackId: number; readonly outcome: 'finished' | 'stopped' | 'failed' }
  | { readonly type: 'leg-failed'; readonly legId: LegId; readonly reason: string }
  /** Each 5 s, and once at the end of the leg. */
  | { readonly type: 'quality'; readonly legId: LegId; readonly quality: VoiceQuality }
  | { readonly type: 'audio-problem'; readonly legId: LegId; readonly problem: AudioProblem };

/** What happens in an engine by itself. */
export type EngineEvent =
  | LegEvent
  /** However it ended, once for each recording that was begun. */
  | { readonly type: 'recording-ended'; readonly recordingId: RecordingId; readonly end: RecordingEnd }
  | { readonly type: 'fault'; readonly fault: FaultFacts };

/** One message to an engine. */
export type ToEngine =
  | { readonly version: number; readonly kind: 'request'; readonly id: number; readonly request: EngineRequest }
  | { readonly version: number; readonly kind: 'order'; readonly order: EngineOrder };

/** One message from an engine. */
export type FromEngine =
  | { readonly version: number; readonly kind: 'reply'; readonly id: number; readonly reply: EngineReplies[keyof EngineReplies] }
  | { readonly version: number; readonly kind: 'refusal'; readonly id: number; readonly fault: FaultFacts }
  | { readonly version: number; readonly kind: 'event'; readonly event: EngineEvent };
