import type { EpochMs } from '../base/time.ts';
import type { AgentStateName, BreakReason } from './agent-machine.ts';
import type { CallerMatch } from './caller-match.ts';
import type { CallId, LegId, OfferId, QueueId, RecordingId, TenantId, TrunkId, UserId } from './ids.ts';
import type { QueueExit } from './interaction.ts';
import type { Language } from './language.ts';
import type { CallingNumber } from './phone-number.ts';
import type { RecordingCause, RecordingEnd, RecordingKind } from './recording.ts';
import type { RecordingRefusal } from './recording-policy.ts';
import type { HeadStart, OfferOutcome, Receipt } from './routing.ts';
import type { Termination } from './termination.ts';

/** What every event of a call carries. `seq` counts from 1 within the call, without gaps. */
interface CallEventBase {
  readonly v: 1;
  readonly tenantId: TenantId;
  readonly callId: CallId;
  readonly seq: number;
  readonly at: EpochMs;
}

/** What happens to a call, by type: the payload of each event. Past tense: it has happened. */
export interface CallEventPayloads {
  /** An INVITE that is not hostile: durable before any answer above 100 (invariant 1). */
  'call.received': {
    readonly trunkId: TrunkId;
    /** Gapless per trunk, from 1. */
    readonly trunkSequence: number;
    readonly legId: LegId;
    readonly sipCallId: string;
    readonly calling: CallingNumber;
    readonly dialled: string;
  };
  'caller.identified': { readonly match: CallerMatch; readonly tookMs: number };
  'call.answered': { readonly legId: LegId };
  'ivr.entered': { readonly flowId: string; readonly flowVersion: number; readonly language: Language };
  'ivr.stepped': { readonly nodeId: string; readonly input?: string };
  'ivr.finished': {
    readonly outcome: 'queue' | 'goodbye' | 'caller-gone' | 'failed';
    readonly language: Language;
    readonly intent?: string;
  };
  'queue.entered': {
    readonly queueId: QueueId;
    readonly enqueuedAt: EpochMs;
    readonly key: number;
    readonly headStart: HeadStart;
  };
  'queue.left': { readonly queueId: QueueId; readonly exit: QueueExit };
  'offer.made': { readonly offerId: OfferId; readonly agentId: UserId; readonly receipt: Receipt };
  /** The screen pop left the server (and, when `acked`, the browser has shown it). */
  'pop.sent': { readonly offerId: OfferId; readonly agentId: UserId; readonly acked: boolean };
  'offer.ended': { readonly offerId: OfferId; readonly agentId: UserId; readonly outcome: OfferOutcome };
  'bridge.started': { readonly agentId: UserId; readonly agentLegId: LegId };
  'hold.started': { readonly agentId: UserId };
  'hold.ended': { readonly agentId: UserId };
  'bridge.ended': { readonly agentId: UserId; readonly endedBy: 'caller' | 'agent' | 'system' };
  /** Durable before there is a file. */
  'recording.started': {
    readonly recordingId: RecordingId;
    readonly kind: RecordingKind;
    readonly cause: RecordingCause;
    readonly queueId?: QueueId;
    readonly retainDays: number;
  };
  /** A policy is declared, and this conversation is not recorded by itself: why. */
  'recording.skipped': { readonly reason: RecordingRefusal; readonly policyVersion: number };
  /** Silence from this position on, in milliseconds of the recording. */
  'recording.paused': { readonly recordingId: RecordingId; readonly positionMs: number; readonly by?: UserId };
  'recording.resumed': { readonly recordingId: RecordingId; readonly positionMs: number; readonly by?: UserId };
  /** The file is on the disk, whole; may follow `call.ended`. */
  'recording.stopped': { readonly recordingId: RecordingId } & RecordingEnd;
  'call.ended': { readonly termination: Termination; /** Set on interrupted calls only. */ readonly lastAliveAt?: EpochMs };
  /** After-call work, which may follow `call.ended`. */
  'wrap-up.started': { readonly agentId: UserId; readonly deadlineAt: EpochMs };
  'wrap-up.ended': {
    readonly agentId: UserId;
    readonly how: 'completed' | 'timed-out' | 'signed-out' | 'interrupted';
    readonly disposition?: string;
    readonly note?: string;
  };
}

export type CallEventType = keyof CallEventPayloads;

/** One event of one call, immutable. */
export type CallEvent = { [T in CallEventType]: CallEventBase & { readonly type: T } & CallEventPayloads[T] }[CallEventType];

/** A call event before the recorder stamps it with tenant, call, sequence and time. */
export type CallFact = { [T in CallEventType]: { readonly type: T } & CallEventPayloads[T] }[CallEventType];

/** An agent changed state; not part of a call, but of the same history. */
export interface AgentStateChanged {
  readonly v: 1;
  readonly type: 'agent.state-changed';
  readonly tenantId: TenantId;
  readonly agentId: UserId;
  readonly at: EpochMs;
  readonly from: AgentStateName;
  readonly to: AgentStateName;
  readonly breakReason?: BreakReason;
  readonly callId?: CallId;
}

/** Everything that the ledger keeps. */
export type DomainEvent = CallEvent | AgentStateChanged;

/** Tells the two kinds apart. */
export const isCallEvent = (event: DomainEvent): event is CallEvent => event.type !== 'agent.state-changed';

/** The event of one type: `CallEventOf<'queue.entered'>`. */
export type CallEventOf<T extends CallEventType> = Extract<CallEvent, { type: T }>;
