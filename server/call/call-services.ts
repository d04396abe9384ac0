import type { Clock, Milliseconds } from '../base/time.ts';
import type { CustomerDirectory } from '../crm/ports.ts';
import type { IvrOutcome } from '../ivr/run-flow.ts';
import type { CallerMatch } from '../model/caller-match.ts';
import type { Queue } from '../model/centre.ts';
import type { CallId, QueueId, TenantId, TrunkId } from '../model/ids.ts';
import type { IvrStep } from '../model/interaction.ts';
import type { Language } from '../model/language.ts';
import type { WaitingCall } from '../routing/dispatcher.ts';
import type { QueueEntry } from '../model/routing.ts';
import type { AgentRoster } from './agent-roster.ts';
import type { FactRecorder } from './live-call.ts';
import type { AgentScreens, CentreDirectory, DeskView, Media, Recorder, Signalling } from './ports.ts';
import type { DeclaredPolicy } from './recording/ports.ts';
import type { TrunkTable } from './find-trunk.ts';
import type { IvrDevice } from '../ivr/ports.ts';

/** The limits of a call, each with its unit; `config.ts` has the defaults and their reasons. */
export interface CallLimits {
  /** Longest wait for the customer base while the caller is being answered. */
  readonly lookUpDeadlineMs: Milliseconds;
  /** Longest wait for the whole file before the pop goes out without it. */
  readonly fileDeadlineMs: Milliseconds;
  /** Longest wait for a browser to say that the pop is shown before its softphone is rung. */
  readonly popAckTimeoutMs: Milliseconds;
  /** Calls in progress above which new ones get 503. */
  readonly maxCalls: number;
}

/** What a flow run needs from the call. */
export interface IvrRequest {
  readonly tenantId: TenantId;
  readonly flowId: string;
  readonly device: IvrDevice;
  readonly match: CallerMatch;
  readonly onEntered: (flow: { readonly flowId: string; readonly version: number; readonly language: Language }) => void;
  readonly onStep: (step: IvrStep) => void;
}

/** Everything that the stages of a call use; joined together by `main.ts`. */
export interface CallServices {
  readonly clock: Clock;
  readonly limits: CallLimits;
  readonly trunks: TrunkTable;
  readonly centre: CentreDirectory;
  readonly queues: ReadonlyMap<QueueId, Queue>;
  readonly directory: CustomerDirectory;
  readonly signalling: Signalling;
  readonly media: Media;
  readonly recorder: Recorder;
  readonly recordingPolicies: readonly DeclaredPolicy[];
  readonly screens: AgentScreens;
  readonly desk: DeskView;
  readonly roster: AgentRoster;
  readonly openRecorder: (tenantId: TenantId, callId: CallId) => FactRecorder;
  /** Gives a call the next number of its trunk; the number counts once `record` has resolved. */
  readonly numberCall: (trunkId: TrunkId, record: (trunkSequence: number) => Promise<void>) => Promise<void>;
  /** Runs a flow on a device. Never rejects. */
  readonly runIvr: (request: IvrRequest, signal: AbortSignal) => Promise<IvrOutcome>;
  readonly enterQueue: (entry: QueueEntry) => Promise<WaitingCall>;
  readonly onFault: (cause: unknown, what: string) => void;
}
