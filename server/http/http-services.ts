import type { SessionSipCredentials, Sessions } from '../access/ports.ts';
import type { DeskReply } from '../call/desk.ts';
import type { CentreDirectory } from '../call/ports.ts';
import type { RecordingLibrary } from '../call/recording/recording-library.ts';
import type { CustomerDirectory } from '../crm/ports.ts';
import type { History } from '../interaction/ports.ts';
import type { User } from '../model/centre.ts';
import type { CallId, QueueId, TenantId, UserId } from '../model/ids.ts';
import type { Language } from '../model/language.ts';
import type { RecordingAction } from '../model/recording.ts';
import type { Receipt } from '../model/routing.ts';

/** The names that a receipt's ids stand for. */
export interface ReceiptNames {
  agentName(agentId: UserId): string | undefined;
  queueName(queueId: QueueId): string | undefined;
}

/** Says a receipt in sentences, the most important first. */
export type ExplainReceipt = (receipt: Receipt, language: Language, names: ReceiptNames) => readonly string[];

/** One thing that must be well for the centre to take calls. */
export interface ReadinessCheck {
  readonly name: string;
  readonly isReady: boolean;
  /** Why not, in a few words. */
  readonly reason?: string;
}

/** Which number a guest of the *call us* page is connected to. */
export interface CallUsTarget {
  readonly tenantId: TenantId;
  /** As dialled, for instance `1000`. */
  readonly dial: string;
}

/** What the routes ask, given by `main.ts`. */
export interface HttpServices {
  readonly sessions: Sessions;
  readonly credentials: SessionSipCredentials;
  /** Where softphones connect when that is not `/sip` of this server: another SIP server owns the sockets. */
  readonly sipWebSocketUrl?: string;
  readonly customers: Pick<CustomerDirectory, 'search' | 'loadFile'>;
  readonly history: History;
  readonly centre: Pick<CentreDirectory, 'listUsers' | 'listQueues' | 'listDispositions'>;
  /** Absent when nobody may call from the web. */
  readonly callUs?: CallUsTarget;
  readonly recordings: Pick<RecordingLibrary, 'open'>;
  /** Starts, pauses, resumes or stops the recording of a conversation, as far as that is theirs to ask. */
  readonly steerRecording: (user: User, callId: CallId, action: RecordingAction) => Promise<DeskReply>;
  readonly explain: ExplainReceipt;
  /** The proof that no call is missing, as of now. */
  readonly proveLedger: (tenantId: TenantId) => Promise<object>;
  /** What this node counts, refusals and drops among them, and how the trunks of a tenant stand. */
  readonly nodeStatus: (tenantId: TenantId) => Promise<object>;
  readonly checkReadiness: () => Promise<readonly ReadinessCheck[]>;
  /** A session is over: whoever holds sockets of it must close them. */
  readonly onSignedOut: (sessionId: string) => void;
}
