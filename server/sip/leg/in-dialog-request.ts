import { describeError } from '../../base/app-error.ts';
import { answerChallenges, type DigestExchange } from '../digest/digest-exchange.ts';
import type { SipDialog, SipResponse } from '../drachtio/messages.ts';
import { sipHeaders, type HeaderFields } from '../headers/sip-headers.ts';
import { Settlement } from '../settlement.ts';

/** A request of ours within a dialog. */
export interface InDialogRequest {
  readonly method: 'BYE' | 'INVITE' | 'UPDATE' | 'INFO' | 'OPTIONS';
  readonly headers?: HeaderFields;
  /** With its Content-Type among the headers. */
  readonly body?: string;
}

/** What came of it. */
export type InDialogReply =
  | { readonly kind: 'response'; readonly response: SipResponse }
  /** The server would not send it: no connection, no such dialog, an INVITE in progress. */
  | { readonly kind: 'unsent'; readonly reason: string };

/** Makes an exchange for one request; absent where we have no account. */
export type Exchanges = (() => DigestExchange) | undefined;

/**
 * Sends a request within a dialog, and again with credentials when it is challenged.
 * @remarks RFC 3261 §22.3. The server numbers the repetitions, and keeps the dialog of a challenged BYE for them.
 * @returns the final response, of the last repetition. Rejects only for a header that must not leave.
 * @throws AppError `sip.unsafe-header`.
 */
export async function sendInDialog(dialog: SipDialog, request: InDialogRequest, exchanges: Exchanges): Promise<InDialogReply> {
  const exchange = exchanges?.();
  let uri = dialog.remote.uri;
  const attempt = async (): Promise<InDialogReply> => {
    const reply = await sendOnce(dialog, { ...request, headers: { ...request.headers, ...exchange?.authorize(request.method, uri) } });
    // What was sent is the better witness: the server knows the route and the target of the dialog.
    if (reply.kind === 'response') uri = reply.response.req?.uri ?? uri;
    return reply;
  };
  const { result } = await answerChallenges(exchange, attempt, (reply) => (reply.kind === 'response' ? reply.response : undefined));
  return result;
}

function sendOnce(dialog: SipDialog, { method, headers = {}, body }: InDialogRequest): Promise<InDialogReply> {
  const reply = new Settlement<InDialogReply>();
  const options = { method, headers: sipHeaders(headers), ...(body === undefined ? {} : { body }) };
  dialog.request(options, (error, response) => {
    if (response === undefined) return reply.settle({ kind: 'unsent', reason: describeError(error) });
    if (response.status >= 200) reply.settle({ kind: 'response', response });
  });
  return reply.promise;
}

/**
 * Hangs up; the far end may be gone, and the dialog is over either way.
 * @param reason - the Reason header.
 * @returns the reply to the BYE. Never rejects.
 */
export async function hangUpDialog(dialog: SipDialog, reason: string | undefined, exchanges: Exchanges): Promise<InDialogReply> {
  const reply = await sendInDialog(dialog, { method: 'BYE', headers: { Reason: reason } }, exchanges);
  if (reply.kind === 'unsent') {
    dialog.destroy({}, () => {
      // Only for the library to forget the dialog: it does so by itself for a BYE that was sent.
    });
  }
  return reply;
}
