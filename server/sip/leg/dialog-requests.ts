import type { Digit } from '../../model/digit.ts';
import type { SipDialog, SipRequest, SipResponse } from '../drachtio/messages.ts';
import { ACCEPT, ALLOW } from '../headers/capabilities.ts';
import { INFO_TYPES, parseInfo } from '../headers/dtmf-info.ts';
import { sipHeaders } from '../headers/sip-headers.ts';
import type { Renegotiation } from './renegotiation.ts';

/** Where the requests of a dialog lead. */
export interface DialogHandlers {
  digit(digit: Digit): void;
  /** Takes the offers. */
  readonly renegotiation: Renegotiation;
}

/**
 * Answers everything that the far end asks within a dialog: keys by INFO, new offers, keep-alives.
 * @remarks RFC 3261 §14.2 (re-INVITE), RFC 3311 §5.2 (UPDATE), RFC 6086 (INFO).
 */
export function serveDialogRequests(dialog: SipDialog, handlers: DialogHandlers): void {
  const { renegotiation } = handlers;
  dialog.on('modify', (request, response) => renegotiation.serve(request, response));
  dialog.on('update', (request, response) => renegotiation.serve(request, response));
  dialog.on('info', (request, response) => serveInfo(request, response, handlers));
  dialog.on('options', (_, response) => response.send(200, { headers: sipHeaders({ Allow: ALLOW, Accept: ACCEPT }) }));
  for (const method of ['refer', 'message', 'publish'] as const) {
    dialog.on(method, (_, response) => response.send(405, { headers: sipHeaders({ Allow: ALLOW }) }));
  }
  dialog.on('notify', (_, response) => response.send(489));
}

function serveInfo(request: SipRequest, response: SipResponse, handlers: DialogHandlers): void {
  const info = parseInfo(request.get('Content-Type'), request.body);
  switch (info.kind) {
    case 'digit':
      response.send(200);
      return handlers.digit(info.digit);
    case 'empty':
      return response.send(200);
    case 'unsupported':
      return response.send(415, { headers: sipHeaders({ Accept: INFO_TYPES }) });
    case 'malformed':
      return response.send(400);
  }
}
