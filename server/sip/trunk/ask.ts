import { describeError } from '../../base/app-error.ts';
import { DeadlineExceeded, withDeadline } from '../../base/deadline.ts';
import type { Milliseconds } from '../../base/time.ts';
import { answerChallenges, type Answered, type DigestExchange } from '../digest/digest-exchange.ts';
import type { SipResponse, SipStack } from '../drachtio/messages.ts';
import type { SipUri } from '../headers/request-uri.ts';
import { sipHeaders, type HeaderFields } from '../headers/sip-headers.ts';
import { Settlement } from '../settlement.ts';

/** A request outside of dialogs, to one target. */
export interface Question {
  readonly method: 'REGISTER' | 'OPTIONS';
  /** The Request-URI. */
  readonly uri: SipUri;
  /** Next hop: the target. */
  readonly proxy: SipUri;
  /** All but CSeq and what proves who we are. */
  readonly headers: HeaderFields;
  /** The next number of its sequence: each repetition has its own (RFC 3261 §22.2). */
  readonly nextSequence: () => number;
  /** Longest wait for each answer; shorter than the 32 s of timer F, so that the next target is tried soon. */
  readonly deadlineMs: Milliseconds;
  /** Gives up the wait. */
  readonly signal?: AbortSignal;
}

/** What came back. */
export type Reply =
  | { readonly kind: 'response'; readonly response: SipResponse }
  /** Nothing: no route, no server, no answer in time. `reason` is a stable word. */
  | { readonly kind: 'silence'; readonly reason: 'signalling-lost' | 'unsent' | 'timeout'; readonly detail?: string };

/**
 * Sends a request and waits for its final response, with the challenges on the way answered. A response that comes too
 * late is dropped.
 * @param exchange - absent for who has no account.
 * @throws AppError `sip.unsafe-header`.
 */
export function ask(stack: SipStack | undefined, question: Question, exchange: DigestExchange | undefined): Promise<Answered<Reply>> {
  const attempt = (): Promise<Reply> => askOnce(stack, question, exchange?.authorize(question.method, question.uri) ?? {});
  return answerChallenges(exchange, attempt, (reply) => (reply.kind === 'response' ? reply.response : undefined));
}

async function askOnce(stack: SipStack | undefined, question: Question, proof: HeaderFields): Promise<Reply> {
  if (stack === undefined) return { kind: 'silence', reason: 'signalling-lost' };
  const { method, uri, proxy, deadlineMs } = question;
  const headers = sipHeaders({ ...question.headers, CSeq: `${question.nextSequence()} ${method}`, ...proof });
  const reply = new Settlement<Reply>();
  try {
    stack.request(uri, { method, proxy, headers }, (error, sent) => {
      if (sent === undefined) return reply.settle({ kind: 'silence', reason: 'unsent', detail: describeError(error) });
      sent.on('response', (response) => {
        if (response.status >= 200) reply.settle({ kind: 'response', response });
      });
    });
    return await withDeadline(deadlineMs, () => reply.promise, question.signal);
  } catch (cause) {
    if (cause instanceof DeadlineExceeded) return { kind: 'silence', reason: 'timeout' };
    // The library throws when its connection is gone; the signal's reason comes this way, too.
    return { kind: 'silence', reason: 'unsent', detail: describeError(cause) };
  }
}
