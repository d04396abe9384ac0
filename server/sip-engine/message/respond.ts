import { tagOf } from './header-values.ts';
import { Headers, type SipRequest, type SipResponse } from './sip-message.ts';

/** The reason phrases of the responses that the engine itself makes (RFC 3261 §21). */
const REASONS: Readonly<Record<number, string>> = {
  100: 'Trying', 200: 'OK', 400: 'Bad Request', 408: 'Request Timeout', 481: 'Call/Transaction Does Not Exist',
  420: 'Bad Extension', 482: 'Loop Detected', 483: 'Too Many Hops', 487: 'Request Terminated', 491: 'Request Pending',
  500: 'Server Internal Error', 503: 'Service Unavailable', 504: 'Server Time-out',
};

/** What {@link respondTo} needs to know. */
export interface ResponseDraft {
  readonly status: number;
  /** Default: the phrase of RFC 3261 §21 for what the engine itself says. */
  readonly reason?: string | undefined;
  /** Put on the To header when it has no tag; absent for 100. */
  readonly toTag?: string | undefined;
}

/**
 * Begins the response to a request: Via, From, To, Call-ID and CSeq copied.
 * @remarks RFC 3261 §8.2.6.2.
 */
export function respondTo(request: SipRequest, draft: ResponseDraft): SipResponse {
  const headers = new Headers();
  for (const header of request.headers.list) {
    switch (header.name.key) {
      case 'via':
      case 'from':
      case 'call-id':
      case 'cseq':
      case 'timestamp':
        headers.list.push(header);
        break;
      case 'to':
        headers.list.push({ name: header.name, value: withTag(header.value, draft.toTag) });
        break;
    }
  }
  return { kind: 'response', status: draft.status, reason: draft.reason ?? REASONS[draft.status] ?? 'Unknown', headers, body: '' };
}

/** Adds a tag to a From or To value that has none. */
export function withTag(value: string, tag: string | undefined): string {
  if (tag === undefined) return value;
  return tagOf(value) === undefined ? `${value};tag=${tag}` : value;
}
