import type { EpochMs, Milliseconds } from '../base/time.ts';
import type { SipPrincipal } from '../access/ports.ts';
import type { AudioSource, Playback } from '../model/audio.ts';
import type { Disposition, EntryPoint, Queue, Trunk, User } from '../model/centre.ts';
import type { Digit } from '../model/digit.ts';
import type { CallId, LegId, OfferId, RecordingId, TenantId, TrunkId, UserId } from '../model/ids.ts';
import type { MediaTerms, VoiceCodec } from '../model/media-terms.ts';
import type { RecordingEnd, RecordingKind, RecordingLimits } from '../model/recording.ts';
import type { RecordingBeep } from '../model/recording-policy.ts';
import type { ScreenPop } from '../model/screen-pop.ts';
import type { Termination } from '../model/termination.ts';
import type { AudioProblem, VoiceQuality } from '../model/voice-quality.ts';
import type { LiveItem } from '../wire/live-item.ts';

// ---- signalling: implemented in server/sip

/** What an INVITE says, parsed at the edge into scalars. */
export interface InviteFacts {
  readonly sipCallId: string;
  readonly receivedAt: EpochMs;
  /** User part of the Request-URI: the number dialled. */
  readonly dialled: string;
  /** User part of the From URI (RFC 3261 §20.20), and its host. */
  readonly fromUser: string;
  readonly fromHost: string;
  /** User parts of P-Asserted-Identity (RFC 3325 §9.1), `tel:` or `sip:`, in order. */
  readonly assertedUsers: readonly string[];
  /** Tokens of the Privacy header (RFC 3323), for instance `id`. */
  readonly privacy: readonly string[];
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly transport: string;
  /** Absent for a late offer. */
  readonly sdp?: string;
  /** Set when the INVITE came over a flow that registered with digest. */
  readonly principal?: SipPrincipal;
  /** Set when the INVITE came by a registration of ours at a carrier or a PBX, from that registrar. */
  readonly trunkId?: TrunkId;
}

/** How a 200 to the caller went. */
export type AnswerOutcome =
  | { readonly kind: 'answered'; /** The answer in the ACK, after a late offer. */ readonly ackSdp?: string }
  /** CANCEL, BYE or no ACK came first. */
  | { readonly kind: 'gone'; readonly termination: Termination };

/** Why and how a call is refused before it is answered. */
export interface Refusal {
  /** 4xx, 5xx or 6xx. */
  readonly status: number;
  readonly reason?: string;
  readonly q850?: number;
  readonly retryAfterS?: number;
}

/** The caller's leg. */
export interface InboundLeg {
  readonly legId: LegId;
  readonly invite: InviteFacts;
  /** Resolves once, when the leg is over: CANCEL, BYE, lost ACK, or our own end. Never rejects. */
  readonly ended: Promise<Termination>;
  answer(localSdp: string): Promise<AnswerOutcome>;
  refuse(refusal: Refusal): Promise<void>;
  /** BYE with a Reason header (RFC 3326); before the answer a 480. Idempotent. */
  hangUp(termination: Termination): Promise<void>;
  /** Keys by SIP INFO (`application/dtmf-relay`, `application/dtmf`). @returns a function that stops listening. */
  onDigit(listener: (digit: Digit) => void): () => void;
  /** Answers a re-INVITE's offer; until one is set, re-INVITEs get 488. */
  onReoffer(handler: (offer: string) => Promise<string | undefined>): void;
}

/** A leg to an agent's softphone, answered. */
export interface AgentLeg {
  readonly legId: LegId;
  readonly ended: Promise<Termination>;
  hangUp(termination: Termination): Promise<void>;
  onDigit(listener: (digit: Digit) => void): () => void;
  onReoffer(handler: (offer: string) => Promise<string | undefined>): void;
}

/** What the agent's softphone is rung with. */
export interface AgentInvitation {
  readonly agentId: UserId;
  readonly callId: CallId;
  readonly offerId: OfferId;
  readonly legId: LegId;
  readonly sdpOffer: string;
  /** What the softphone shows while it rings: a number or `anonymous`. */
  readonly callerNumber: string;
  readonly callerName?: string;
  readonly ringTimeoutMs: Milliseconds;
}

/** How ringing an agent ended. */
export type InvitationOutcome =
  | { readonly kind: 'answered'; readonly leg: AgentLeg; readonly sdpAnswer: string }
  | { readonly kind: 'rejected'; readonly sipStatus: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'rescinded' }
  /** No softphone registered, or it could not be reached. */
  | { readonly kind: 'failed'; readonly sipStatus?: number; readonly reason: string };

/** SIP, as calls need it. */
export interface Signalling {
  /** Rings the agent's registered softphone(s). `signal` cancels (the caller gave up). Never rejects. */
  inviteAgent(invitation: AgentInvitation, signal: AbortSignal): Promise<InvitationOutcome>;
  /** Whether a softphone of the agent is registered now. */
  isRegistered(agentId: UserId): boolean;
}

/** A call to be placed through a trunk. */
export interface OutboundCall {
  readonly trunkId: TrunkId;
  /** The trunk must be this tenant's. */
  readonly tenantId: TenantId;
  readonly callId: CallId;
  readonly legId: LegId;
  /** The number to call: E.164, or digits as the trunk knows them. */
  readonly to: string;
  /** What the called person sees; it must be one of the trunk's numbers. */
  readonly callerId: { readonly kind: 'default' } | { readonly kind: 'number'; readonly number: string; readonly name?: string } | { readonly kind: 'anonymous' };
  readonly sdpOffer: string;
  /** How long it may take from the first INVITE to the answer, milliseconds. */
  readonly answerTimeoutMs: Milliseconds;
  /** Hears of ringing (180) and of early media (183 with SDP). */
  readonly onProgress?: (progress: { readonly sipStatus: number; readonly sdp?: string }) => void;
}

/** A leg to the number called, answered. `ended` says `caller` for the customer's side: she is the one outside. */
export type OutboundLeg = AgentLeg;

/** How a call out ended, or that it was answered. */
export type OutboundOutcome =
  | { readonly kind: 'answered'; readonly leg: OutboundLeg; readonly sdpAnswer: string; /** Which target of the trunk took it. */ readonly target: string }
  | { readonly kind: 'busy'; readonly sipStatus: number; readonly q850: number }
  /** It rang until the time was up, or the network says that nobody answered. */
  | { readonly kind: 'no-answer'; readonly sipStatus: number; readonly q850: number }
  /** The network or the person called does not want it: unknown number, forbidden, declined. */
  | { readonly kind: 'rejected'; readonly sipStatus: number; readonly q850: number }
  /** `signal` fired. */
  | { readonly kind: 'cancelled' }
  /** No target could be reached, or something is not set up. `reason` is a stable word. */
  | { readonly kind: 'failed'; readonly reason: string; readonly sipStatus?: number; readonly q850?: number };

/** Calls out of the centre, through trunks. */
export interface OutboundSignalling {
  /**
   * Places a call; a target that cannot be reached (503, 408, transport) gives way to the next of the trunk, but
   * never once it has rung. `signal` cancels. Never rejects.
   */
  placeCall(call: OutboundCall, signal: AbortSignal): Promise<OutboundOutcome>;
}

// ---- media: implemented in server/media

/** An SDP that was answered, or why it could not be. */
export type Negotiation<T> =
  | ({ readonly kind: 'agreed' } & T)
  /** 488: no codec, profile or media in common (RFC 3264 §6). */
  | { readonly kind: 'unsupported'; readonly reason: string };

/** A leg's media: plain RTP towards a trunk, or WebRTC towards a browser. */
export interface MediaLeg {
  readonly legId: LegId;
  acceptAnswer(sdp: string): Promise<Negotiation<object>>;
  /** Makes a new offer on this leg, for a re-INVITE; `acceptAnswer` takes its answer. @param codecs - best first. */
  propose(codecs: readonly VoiceCodec[]): Promise<{ readonly sdp: string }>;
  /** Answers a new offer on this leg (hold, session refresh). */
  reoffer(sdp: string): Promise<Negotiation<{ readonly sdp: string }>>;
  /** Plays in order; a new `play` stops the one before. `loop` starts again at the end. */
  play(sources: readonly AudioSource[], options?: { readonly loop?: boolean }): Playback;
  /** Keys, each press once: by RFC 4733, as tones where the leg's terms say so, and those given to `takeInfoKey`. @returns a function that stops listening. */
  onDigit(listener: (digit: Digit) => void): () => void;
  /** Takes a key that came by SIP INFO: reported and passed on like any other, unless the same press came another way. */
  takeInfoKey(digit: Digit): void;
  /** Sends a key of 100 ms: by RFC 4733, else as a tone. */
  sendDigit(digit: Digit): void;
  /** What the leg's voice is like, each 5 s and once at the end of the leg. @returns a function that stops listening. */
  onQuality?(listener: (quality: VoiceQuality) => void): () => void;
  /** One-way audio and silence, within 3 s. @returns a function that stops listening. */
  onAudioProblem?(listener: (problem: AudioProblem) => void): () => void;
  /** Resolves when the media failed for good (worker died, ICE failed, no packets); never on `close`. */
  readonly failed: Promise<{ readonly reason: string }>;
  /** Closes ports; idempotent. */
  close(): Promise<void>;
}

/** Media, as calls need it. */
export interface Media {
  /** Answers an offer: `UDP/TLS/RTP/SAVPF` becomes a WebRTC leg, `RTP/AVP` and `RTP/SAVP` a plain one, on the terms of its trunk. */
  answerLeg(request: { readonly callId: CallId; readonly legId: LegId; readonly offer: string; readonly terms?: MediaTerms }):
    Promise<Negotiation<{ readonly leg: MediaLeg; readonly sdp: string }>>;
  /** Makes an offer, for a caller without SDP (`rtp`) or an agent's browser (`webrtc`). */
  offerLeg(request: { readonly callId: CallId; readonly legId: LegId; readonly kind: 'rtp' | 'webrtc'; readonly terms?: MediaTerms }):
    Promise<{ readonly leg: MediaLeg; readonly sdp: string }>;
  /** One cell of the mix-minus matrix: whether `listener` hears `speaker`, with a gain of 0 to 1. */
  setHears(listener: MediaLeg, speaker: MediaLeg, gain: number): void;
}

// ---- recordings: implemented in server/media/recorder

/** What a recording is made of. */
export interface RecordingRequest {
  readonly recordingId: RecordingId;
  readonly tenantId: TenantId;
  /**
   * Whose voice. Of a conversation it is the customer's, on the left; on the right are those whom
   * the matrix lets her hear, so that nobody who whispers or consults behind her back is recorded.
   */
  readonly leg: MediaLeg;
  readonly kind: RecordingKind;
  /** Heard by everybody in the conversation. */
  readonly beep?: RecordingBeep;
  readonly limits: RecordingLimits;
}

/** A recording that runs. */
export interface ActiveRecording {
  readonly recordingId: RecordingId;
  /** Silence from now on, or voice again. @returns the position in the recording. @throws AppError when it has ended. */
  setPaused(isPaused: boolean): Promise<Milliseconds>;
  /** Ends it; the file is whole when this resolves. Idempotent. Never rejects. */
  stop(): Promise<RecordingEnd>;
  /** Resolves once, however it ends. Never rejects. */
  readonly ended: Promise<RecordingEnd>;
}

/** Keeps what is said, encrypted, with the key of the tenant. */
export interface Recorder {
  /** @throws AppError when the file cannot be made, the leg is gone or the keys cannot be read. */
  start(request: RecordingRequest): Promise<ActiveRecording>;
}

// ---- desks: implemented in server/ws

/** The screens of agents. */
export interface AgentScreens {
  /**
   * Sends the pop to every browser of the agent and waits for the first to say it is shown.
   * @returns `shown`, or `sent` when none confirmed within `ackTimeoutMs`, or `nobody`. Never rejects.
   */
  pop(agentId: UserId, pop: ScreenPop, ackTimeoutMs: Milliseconds): Promise<'shown' | 'sent' | 'nobody'>;
  /** Takes the pop away: the offer ended without an answer. */
  retract(agentId: UserId, offerId: OfferId): void;
}

/** The agent's own live page (topic `desk`): items by key. Delivered to all her browsers; kept for the next one. */
export interface DeskView {
  putItem(agentId: UserId, item: LiveItem): void;
  /** Nothing happens when there is no such item. */
  dropItem(agentId: UserId, key: string): void;
}

// ---- the centre's set-up: implemented in db

/** What the administrators set up. */
export interface CentreDirectory {
  listTrunks(): Promise<readonly Trunk[]>;
  findEntryPoint(tenantId: TenantId, dialled: string): Promise<EntryPoint | undefined>;
  listEntryPoints(tenantId: TenantId): Promise<readonly EntryPoint[]>;
  listQueues(tenantId: TenantId): Promise<readonly Queue[]>;
  listUsers(tenantId: TenantId): Promise<readonly User[]>;
  listDispositions(tenantId: TenantId): Promise<readonly Disposition[]>;
}
