import { contactFor, contactOf, replaceLocalhost } from '../message/local-identity.ts';
import { respondTo } from '../message/respond.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../transport/flow.ts';

/** Headers of a response that come from the request or from the engine. */
const OWNED = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'content-length', 'record-route', 'contact', 'rseq']);

/** Methods that make or refresh a dialog's target: their success carries a Contact. */
const SETS_TARGET = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'UPDATE', 'NOTIFY']);

/** Methods that begin a dialog: their responses repeat the Record-Route (RFC 3261 §12.1.1). */
const BEGINS_DIALOG = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

/** What {@link completeResponse} is made from. */
export interface ResponseSetting {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** The tag for a To without one. */
  readonly localTag: string;
}

/**
 * Makes the response that goes out from the one that an application wrote.
 * @remarks RFC 3261 §8.2.6.2 and §12.1.1.
 */
export function completeResponse(draft: SipResponse, { request, flow, localTag }: ResponseSetting): SipResponse {
  const { status } = draft;
  const response = respondTo(request, { status, reason: draft.reason === '' ? undefined : draft.reason, toTag: status === 100 ? undefined : localTag });
  const { headers } = response;
  const mayEstablish = status > 100 && status < 300;
  if (mayEstablish && BEGINS_DIALOG.has(request.method)) {
    for (const value of request.headers.all('record-route')) headers.add('Record-Route', value);
  }
  const contact = draft.headers.get('contact');
  if (contact !== undefined) headers.add('Contact', contactOf(contact, flow));
  else if (mayEstablish && SETS_TARGET.has(request.method)) headers.add('Contact', contactFor(flow));
  for (const header of draft.headers.list) {
    if (OWNED.has(header.name.key)) continue;
    headers.list.push(header.value.includes('localhost') ? { name: header.name, value: replaceLocalhost(header.value, flow) } : header);
  }
  if (draft.body !== '' && !draft.headers.has('content-type') && draft.body.startsWith('v=0')) {
    headers.add('Content-Type', 'application/sdp');
  }
  return { ...response, body: draft.body };
}
