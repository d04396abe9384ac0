import { describeError } from '../../base/app-error.ts';
import { DeadlineExceeded, withDeadline } from '../../base/deadline.ts';
import type { Milliseconds } from '../../base/time.ts';
import type { SipResponse, SipStack } from '../drachtio/messages.ts';
import { Settlement } from '../settlement.ts';

/** A request outside of dialogs, to one target. */
export interface Question {
  readonly method: 'REGISTER' | 'OPTIONS';
  /** The Request-URI. */
  readonly uri: string;
  /** Next hop: the target. */
  readonly proxy: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest wait; shorter than the 32 s of timer F, so that the next target is tried soon. */
  readonly deadlineMs: Milliseconds;
  /** Gives up the wait. */
  readonly signal?: AbortSignal;
}

/** What came back. */
export type Reply =
  | { readonly kind: 'response'; readonly response: SipResponse }
  /** Nothing: no route, no server, no answer in time. `reason` is a stable word. */
  | { readonly kind: 'silence'; readonly reason: 'signalling-lost' | 'unsent' | 'timeout'; readonly detail?: string };

/** Sends a request and waits for its final response. Never rejects. A response that comes too late is dropped. */
export async function ask(stack: SipStack | undefined, question: Question): Promise<Reply> {
  if (stack === undefined) return { kind: 'silence', reason: 'signalling-lost' };
  const { method, uri, proxy, headers, deadlineMs } = question;
  const reply = new Settlement<Reply>();
  try {
    stack.request(uri, { method, proxy, headers: { ...headers } }, (error, sent) => {
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
