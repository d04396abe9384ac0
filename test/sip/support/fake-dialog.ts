import type { SipDialog, SipRequest, SipResponse } from '../../../server/sip/drachtio/messages.ts';

/** A request that the fake dialog was asked to send. */
export interface AskedInDialog {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What the far end answers: a status, a response, nothing, or why the server would not send. */
export type DialogFarEnd = (request: AskedInDialog) => number | FakeResponse | 'silent' | { readonly unsent: string };

/** A response by the test. */
export interface FakeResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly address?: string;
}

/** How a {@link FakeDialog} was begun. */
export interface FakeDialogOptions {
  readonly type?: SipDialog['type'];
  readonly sdp?: string;
  /** Of the far end's INVITE or 200: its Contact URI, its Record-Route, where it came from. */
  readonly contact?: string;
  readonly recordRoute?: string;
  readonly address?: string;
}

type Listener = (request: SipRequest, response: SipResponse) => void;

/** A response as drachtio-srf hands it over; headers by any spelling. */
export function fakeResponse({ status, headers = {}, body = '', address = '192.0.2.1' }: FakeResponse): SipResponse {
  const values = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { status, body, finalResponseSent: true, source_address: address, req: { uri: 'sip:far@192.0.2.1' }, get: (name) => values.get(name.toLowerCase()), send: () => undefined };
}

/** A dialog without a network: what is sent in it is kept, what happens in it is the test's. */
export class FakeDialog implements SipDialog {
  readonly type: SipDialog['type'];
  readonly req: SipDialog['req'];
  readonly res: SipDialog['res'];
  readonly sip = { callId: 'c' };
  readonly local = { sdp: 'v=0 local', contact: '<sip:us@192.0.2.9>' };
  readonly remote: SipDialog['remote'];
  readonly asked: AskedInDialog[] = [];
  isForgotten = false;
  farEnd: DialogFarEnd = () => 200;
  readonly #listeners = new Map<string, Listener>();

  constructor(of: FakeDialogOptions = {}) {
    this.type = of.type ?? 'uac';
    this.remote = { uri: of.contact ?? 'sip:far@192.0.2.1', sdp: of.sdp ?? 'v=0 answer' };
    const begun = { source_address: of.address ?? '192.0.2.1', get: (name: string) => (name === 'Record-Route' ? of.recordRoute : undefined) };
    const nothing = { source_address: '', get: () => undefined };
    [this.req, this.res] = this.type === 'uas' ? [begun, nothing] : [nothing, begun];
  }

  /** The Reason headers of the BYEs. */
  get byes(): readonly (string | undefined)[] {
    return this.asked.filter(({ method }) => method === 'BYE').map(({ headers }) => headers['Reason']);
  }

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, listener);
  }

  /** Something happens in the dialog. */
  emit(event: string, request: SipRequest, response: SipResponse = fakeResponse({ status: 0 })): void {
    this.#listeners.get(event)?.(request, response);
  }

  destroy(): void {
    this.isForgotten = true;
  }

  request({ method, headers, body }: Parameters<SipDialog['request']>[0], callback: Parameters<SipDialog['request']>[1]): void {
    const asked = { method, headers, body };
    this.asked.push(asked);
    const answer = this.farEnd(asked);
    if (answer === 'silent') return;
    if (typeof answer === 'object' && 'unsent' in answer) return callback(new Error(answer.unsent));
    callback(null, fakeResponse(typeof answer === 'number' ? { status: answer } : answer));
  }
}
