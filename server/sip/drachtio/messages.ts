import type { Server } from 'node:net';
import type { SipUri } from '../headers/request-uri.ts';
import type { SipHeaders } from '../headers/sip-headers.ts';

/**
 * The part of drachtio-srf that Allo uses, with the types that its own declaration file
 * leaves out or gets wrong (source address, `cancel` with headers, call-backs).
 * @remarks drachtio-srf 5.0.29, `lib/request.js`, `lib/response.js`, `lib/dialog.js`.
 */
export interface SipRequest {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
  /** One entry per body part; the whole body when it is not multipart. */
  readonly payload: readonly { readonly type?: string | null; readonly content?: string }[];
  /** `network` from the far end; `application` when the server made it itself (a BYE after a lost ACK). */
  readonly source: string;
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  /** Several headers of one name arrive joined by commas. */
  get(name: string): string | undefined;
  has(name: string): boolean;
  on(event: 'cancel', listener: (cancel: { get(name: string): string | undefined } | undefined) => void): unknown;
  /** Only on a request that we sent. */
  cancel(options: { readonly headers?: SipHeaders }, callback: (error: unknown) => void): void;
}

/** What a response carries besides its status. */
export interface ResponseContent {
  readonly headers?: SipHeaders;
  readonly body?: string;
}

/** A response to a request from the network, to be sent by us; or one that we received. */
export interface SipResponse {
  readonly status: number;
  readonly body: string;
  /** Where a response that we received came from. */
  readonly source_address?: string;
  /** The request that it answers, as it was sent. */
  readonly req?: { readonly uri: string };
  readonly finalResponseSent: boolean;
  get(name: string): string | undefined;
  send(status: number, content?: ResponseContent, callback?: (error: unknown) => void): void;
}

/** A request outside of dialogs that we sent. */
export interface SentRequest {
  on(event: 'response', listener: (response: SipResponse) => void): unknown;
}

/** A request that belongs to a dialog. */
export interface DialogRequestOptions {
  readonly method: string;
  readonly headers: SipHeaders;
  readonly body?: string;
}

/** A SIP dialog that drachtio-srf keeps for us. */
export interface SipDialog {
  /** `uas` when the INVITE came in. */
  readonly type: 'uac' | 'uas';
  /** The INVITE, and the answer to it. */
  readonly req: Pick<SipRequest, 'get' | 'source_address'>;
  readonly res: Pick<SipResponse, 'get' | 'source_address'>;
  readonly sip: { readonly callId: string };
  readonly local: { sdp: string; readonly contact?: string };
  /** The library does not keep `uri` up to date; whoever reads it does. */
  readonly remote: { uri: string; sdp: string };
  on(event: 'destroy' | 'ack', listener: (request: SipRequest) => void): unknown;
  on(
    event: 'modify' | 'update' | 'info' | 'options' | 'refer' | 'message' | 'notify' | 'publish',
    listener: (request: SipRequest, response: SipResponse) => void,
  ): unknown;
  /** Sends BYE and forgets the dialog, whatever comes of it; calls back without the response. */
  destroy(options: { readonly headers?: SipHeaders }, callback: (error: unknown) => void): void;
  /**
   * Sends a request and calls back with each of its responses, provisional ones too; ACKs are sent by the library.
   * The dialog is forgotten with the first response to a BYE, and kept when a BYE could not be sent.
   */
  request(options: DialogRequestOptions, callback: (error: unknown, response?: SipResponse) => void): void;
}

/** What an outgoing INVITE is made of. */
export interface UacOptions {
  readonly localSdp: string;
  readonly headers: SipHeaders;
  /** The next hop, `sip:host:port;transport=ws`: how a request finds its way through a flow. */
  readonly proxy?: SipUri;
}

/** What is heard while an outgoing INVITE is under way. */
export interface UacProgress {
  /** First argument an error, or the request that was sent. */
  readonly cbRequest: (error: unknown, sent?: SipRequest) => void;
  readonly cbProvisional: (response: SipResponse) => void;
}

/** An Srf object. The call-back forms are used because a promise would let a BYE slip by before its listener is attached. */
export interface SipStack {
  use(method: string, handler: (request: SipRequest, response: SipResponse) => void): void;
  connect(options: { readonly host: string; readonly port: number; readonly secret: string; readonly reconnect: { readonly maxAttempts: number } }): unknown;
  disconnect(): void;
  on(event: 'connect', listener: (error: unknown, hostport?: string) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  createUAS(
    request: SipRequest, response: SipResponse,
    options: { readonly localSdp: string; readonly headers: SipHeaders },
    callback: (error: unknown, dialog?: SipDialog) => void,
  ): unknown;
  /** Sends a request outside of dialogs. */
  request(
    uri: SipUri,
    options: { readonly method: string; readonly headers: SipHeaders; readonly proxy?: SipUri },
    callback: (error: unknown, sent?: SentRequest) => void,
  ): unknown;
  createUAC(uri: SipUri, options: UacOptions, progress: UacProgress, callback: (error: unknown, dialog?: SipDialog) => void): unknown;
}

/** A stack before it has a server. */
export interface ConnectableStack extends SipStack {
  /** Waits for the server to connect to us through `server`, which may be one that has no port. */
  listen(options: { readonly server: Server; readonly secret: string }): unknown;
  /** `endSession` is called after the 404 to a request that nobody serves. */
  readonly app: { endSession: () => void };
}
