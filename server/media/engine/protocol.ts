import type { AudioSource } from '../../model/audio.ts';
import type { Digit } from '../../model/digit.ts';
import type { CallId, LegId } from '../../model/ids.ts';
import type { MediaTerms, VoiceCodec } from '../../model/media-terms.ts';
import type { EngineFigures } from './engine-figures.ts';

/**
 * Version of the commands and events between the signalling side and a media engine. Both refuse
 * another one: an engine may later run on another machine.
 */
export const PROTOCOL_VERSION = 1;

/** How an engine is set up; the first message to it. */
export interface EngineSetUp {
  readonly host: string;
  /** Address in descriptions when it differs from `host` (a NAT with fixed ports). */
  readonly announcedHost: string;
  readonly rtpPorts: { readonly min: number; readonly max: number };
  readonly promptsDirectory: string;
  readonly musicFile?: string;
  readonly mediaTimeoutMs: number;
  /** Decoded prompts that are kept, in bytes. */
  readonly cacheBytes: number;
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
  | { readonly type: 'start-recording'; readonly legId: LegId; readonly recordingId: number; readonly path: string }
  | { readonly type: 'stop-recording'; readonly recordingId: number }
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
  readonly 'start-recording': null;
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

/** What happens in an engine by itself. */
export type EngineEvent =
  | { readonly type: 'digit'; readonly legId: LegId; readonly digit: Digit }
  | { readonly type: 'playback-ended'; readonly legId: LegId; readonly playbackId: number; readonly outcome: 'finished' | 'stopped' | 'failed' }
  | { readonly type: 'leg-failed'; readonly legId: LegId; readonly reason: string }
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
