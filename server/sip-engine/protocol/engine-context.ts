import type { DialogStore } from '../dialog/dialog-store.ts';
import type { Counters } from '../guard/counters.ts';
import type { Header, SipRequest } from '../message/sip-message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { SipTimers } from '../transaction/timers.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Flow } from '../transport/flow.ts';
import type { TransportLayer } from '../transport/transport-layer.ts';
import type { ApplicationConnection } from './application-connection.ts';
import type { ApplicationServer } from './application-server.ts';
import type { RouteSigner } from './proxy/route-token.ts';
import type { CallRecords } from './call-records.ts';
import type { ChooseTag } from './inbound/choose-tag.ts';
import type { ApplicationDialog, InboundRequest } from './inbound/inbound-request.ts';
import type { InboundRequests } from './inbound/inbound-requests.ts';

export type { ApplicationDialog, InboundRequest };

/** A request of an application that waits for its final response. */
export interface PendingOutbound {
  readonly application: ApplicationConnection;
  /** The flow that the request left on; undefined before it did. */
  readonly flow: Flow | undefined;
  /** Cancels it; returns the CANCEL, or undefined when it is too late or no INVITE. */
  cancel(extra: readonly Header[]): SipRequest | undefined;
  /** The From tag and Call-ID that it was sent with. */
  readonly request: SipRequest;
  /** The dialog of a SUBSCRIBE whose NOTIFY came before its 2xx; undefined for other requests. */
  growFromNotify(notify: SipRequest, flow: Flow): ApplicationDialog | undefined;
  /** Gives it up, because its application is gone. */
  abandon(): void;
}

/** What the parts of the drachtio protocol share. */
export interface EngineContext {
  readonly timers: SipTimers;
  readonly counters: Counters;
  readonly transport: TransportLayer;
  readonly transactions: TransactionLayer;
  readonly applications: ApplicationServer;
  readonly chooseTag: ChooseTag | undefined;
  readonly dialogs: DialogStore<ApplicationConnection>;
  readonly inbound: InboundRequests;
  /** Requests of applications that wait for a final response, by transaction id. */
  readonly outbound: Map<string, PendingOutbound>;
  /** Requests that are being proxied, by the transaction that they came in. */
  readonly proxied: Map<ServerTransaction, { cancel(): void; close(): void }>;
  readonly records: CallRecords;
  /** Knows our own Record-Routes and Vias again. */
  readonly signer: RouteSigner;
}
