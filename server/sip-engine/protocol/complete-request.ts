import type { Dialog } from '../dialog/dialog.ts';
import { parseCSeq, tagOf } from '../message/header-values.ts';
import { bracketed, contactFor, contactOf, replaceLocalhost, viaFor } from '../message/local-identity.ts';
import { randomToken } from '../message/random-token.ts';
import { withTag } from '../message/respond.ts';
import type { RouteOut } from '../message/route-set.ts';
import { Headers, type SipRequest } from '../message/sip-message.ts';
import type { Flow } from '../transport/flow.ts';

/** Methods whose requests must carry a Contact (RFC 3261 §8.1.1.8, 3311, 3515, 6665). */
const NEEDS_CONTACT = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'UPDATE', 'NOTIFY']);

/** Headers that the engine writes itself, whatever the application says. */
const OWNED = new Set(['via', 'content-length', 'record-route', 'from', 'to', 'call-id', 'cseq', 'max-forwards', 'contact']);

/** Headers in which an application may write `localhost` for our address. */
const WITH_LOCALHOST = new Set([
  'p-asserted-identity', 'p-preferred-identity', 'remote-party-id', 'referred-by', 'diversion', 'reply-to',
]);

/** Sequence numbers of requests outside dialogs: seconds, so that a later REGISTER counts higher (§8.1.1.5). */
const EPOCH_S = 1_600_000_000;
const sequenceNow = (): number => Math.floor(Date.now() / 1000) - EPOCH_S;

/** A request ready to be sent, and what a dialog may grow from. */
export interface CompletedRequest {
  readonly request: SipRequest;
  readonly callId: string;
  readonly fromTag: string;
  readonly sequence: number;
}

/**
 * Fills in what an application leaves out of a request outside a dialog.
 * @remarks RFC 3261 §8.1.1. Its own From tag, Call-ID and CSeq are kept: a digest retry needs them.
 * @returns the reason of the NOK when it cannot be completed.
 */
export function completeRequest(draft: SipRequest, flow: Flow, branch: string): CompletedRequest | { readonly refused: string } {
  const given = draft.headers;
  const contact = given.get('contact');
  const from = withTag(bracketed(replaceLocalhost(given.get('from') ?? contactFor(flow), flow)), randomToken());
  const callId = given.get('call-id') ?? randomToken();
  const cseq = given.get('cseq');
  const sequence = cseq === undefined ? sequenceNow() : parseCSeq(cseq)?.number;
  if (sequence === undefined) return { refused: 'invalid CSeq' };
  const headers = new Headers()
    .add('Via', viaFor(flow, branch))
    .add('Max-Forwards', given.get('max-forwards') ?? '70')
    .add('From', from)
    .add('To', given.get('to') === undefined ? `<${draft.uri}>` : bracketed(given.get('to') ?? ''))
    .add('Call-ID', callId)
    .add('CSeq', `${sequence} ${draft.method}`);
  if (contact !== undefined) headers.add('Contact', contactOf(contact, flow));
  else if (NEEDS_CONTACT.has(draft.method)) headers.add('Contact', contactFor(flow));
  const refused = addOthers(headers, draft, flow);
  if (refused !== undefined) return { refused };
  return { request: { ...draft, headers }, callId, fromTag: tagOf(from) ?? '', sequence };
}

/** What {@link completeInDialog} needs besides the draft. */
export interface InDialogSetting {
  readonly dialog: Dialog;
  readonly route: RouteOut;
  readonly flow: Flow;
  readonly branch: string;
  readonly sequence: number;
}

/**
 * Fills in a request inside a dialog; identity and routes are the dialog's, not the application's.
 * @remarks RFC 3261 §12.2.1.1.
 */
export function completeInDialog(draft: SipRequest, setting: InDialogSetting): SipRequest | { readonly refused: string } {
  const { dialog, route, flow } = setting;
  const headers = new Headers()
    .add('Via', viaFor(flow, setting.branch))
    .add('Max-Forwards', draft.headers.get('max-forwards') ?? '70')
    .add('From', dialog.local)
    .add('To', dialog.remote)
    .add('Call-ID', dialog.callId)
    .add('CSeq', `${setting.sequence} ${draft.method}`);
  for (const value of route.routes) headers.add('Route', value);
  const contact = draft.headers.get('contact');
  if (contact !== undefined) headers.add('Contact', contactOf(contact, flow));
  else if (NEEDS_CONTACT.has(draft.method)) headers.add('Contact', contactFor(flow));
  const refused = addOthers(headers, draft, flow, 'route');
  if (refused !== undefined) return { refused };
  return { kind: 'request', method: draft.method, uri: route.uri, headers, body: draft.body };
}

/** Copies the rest and finds the Content-Type; returns why not. */
function addOthers(headers: Headers, draft: SipRequest, flow: Flow, except?: string): string | undefined {
  for (const header of draft.headers.list) {
    const { key } = header.name;
    if (OWNED.has(key) || key === except) continue;
    headers.list.push(WITH_LOCALHOST.has(key) ? { name: header.name, value: replaceLocalhost(header.value, flow) } : header);
  }
  if (draft.body !== '' && !draft.headers.has('content-type')) {
    if (!draft.body.startsWith('v=0')) return 'missing content-type';
    headers.add('Content-Type', 'application/sdp');
  }
  return undefined;
}
