import type { EpochMs, Milliseconds } from '../base/time.ts';
import type { CallerMatch } from './caller-match.ts';
import type { CallId, CustomerId, OfferId, QueueId, TenantId, TrunkId, UserId } from './ids.ts';
import type { Language } from './language.ts';
import type { CallingNumber } from './phone-number.ts';
import type { RecordingRecord } from './recording.ts';
import type { RecordingRefusal } from './recording-policy.ts';
import type { HeadStart, OfferOutcome, Receipt } from './routing.ts';
import type { Termination } from './termination.ts';

/** Why a queue entry ended: exactly one per entry (invariant 2). */
export type QueueExit = 'answered' | 'abandoned' | 'no-agent' | 'system' | 'interrupted';

/** One line of a customer's timeline. */
export interface InteractionSummary {
  readonly interactionId: CallId;
  readonly channel: 'voice' | 'sms' | 'email' | 'chat' | 'visit' | 'note';
  readonly direction: 'inbound' | 'outbound';
  readonly startedAt: EpochMs;
  /** Absent while the interaction goes on. */
  readonly endedAt?: EpochMs;
  readonly customerId?: CustomerId;
  readonly customerName?: string;
  readonly callingNumber?: string;
  readonly queueName?: string;
  readonly agentName?: string;
  readonly intent?: string;
  readonly disposition?: string;
  readonly note?: string;
  readonly talkMs?: Milliseconds;
  readonly waitMs?: Milliseconds;
  readonly termination?: Termination;
}

/** One step of the caller through the IVR. */
export interface IvrStep {
  readonly at: EpochMs;
  readonly nodeId: string;
  /** What the caller did there: a digit choice, `no-input`, `no-match`; absent for prompts. */
  readonly input?: string;
}

/** One offer of the call to an agent, and how it ended. */
export interface OfferRecord {
  readonly offerId: OfferId;
  readonly agentId: UserId;
  readonly agentName?: string;
  readonly offeredAt: EpochMs;
  readonly endedAt?: EpochMs;
  readonly outcome?: OfferOutcome;
  readonly receipt: Receipt;
  /** When the screen pop left the server, and whether a browser said that it was shown. */
  readonly popSentAt?: EpochMs;
  readonly popAcked?: boolean;
}

/** One stay in one queue. */
export interface QueueStay {
  readonly queueId: QueueId;
  readonly queueName?: string;
  readonly enteredAt: EpochMs;
  readonly key: number;
  /** Where the key comes from; earlier than `enteredAt` for a caller who came back. */
  readonly enqueuedAt?: EpochMs;
  readonly headStart?: HeadStart;
  readonly leftAt?: EpochMs;
  readonly exit?: QueueExit;
}

/** One conversation with one agent; a call has several when an agent is lost and the next takes over. */
export interface BridgeRecord {
  readonly agentId: UserId;
  readonly from: EpochMs;
  readonly to?: EpochMs;
  readonly endedBy?: 'caller' | 'agent' | 'system';
}

/** The after-call work of one agent. */
export interface WrapUpRecord {
  readonly agentId: UserId;
  readonly startedAt: EpochMs;
  readonly endedAt?: EpochMs;
  readonly how?: 'completed' | 'timed-out' | 'signed-out' | 'interrupted';
  readonly disposition?: string;
  readonly note?: string;
}

/** The whole history of one call: everything that was asked "what happened there?". */
export interface Interaction extends InteractionSummary {
  readonly tenantId: TenantId;
  readonly trunkId: TrunkId;
  /** The call's number on its trunk, without gaps from 1. */
  readonly trunkSequence: number;
  readonly sipCallId: string;
  readonly dialled: string;
  readonly calling: CallingNumber;
  readonly match?: CallerMatch;
  readonly language?: Language;
  readonly answeredAt?: EpochMs;
  readonly ivrPath: readonly IvrStep[];
  readonly queueStays: readonly QueueStay[];
  readonly offers: readonly OfferRecord[];
  readonly bridgedAt?: EpochMs;
  readonly bridgeEndedAt?: EpochMs;
  readonly agentId?: UserId;
  readonly holds: readonly { readonly from: EpochMs; readonly to?: EpochMs }[];
  readonly wrapUpStartedAt?: EpochMs;
  readonly wrapUpEndedAt?: EpochMs;
  /** Every conversation and every wrap-up; the fields above say the same for the last of each. */
  readonly bridges?: readonly BridgeRecord[];
  readonly wrapUps?: readonly WrapUpRecord[];
  /** In the order in which they began. */
  readonly recordings?: readonly RecordingRecord[];
  /** Why the last conversation was not recorded by itself, where a policy is declared. */
  readonly recordingSkipped?: RecordingRefusal;
  /** Interrupted calls: the last moment at which the call was known to live. */
  readonly lastAliveAt?: EpochMs;
}

