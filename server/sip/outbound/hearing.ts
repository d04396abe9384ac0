import type { Milliseconds } from '../../base/time.ts';
import type { OutboundCall } from '../../call/ports.ts';
import type { SipResponse } from '../drachtio/messages.ts';
import { Settlement } from '../settlement.ts';

/** What is heard of a call out before its final response. */
export class Hearing {
  readonly #call: Pick<OutboundCall, 'onProgress'>;
  readonly #silence = new Settlement<'silent'>();
  readonly #timer: NodeJS.Timeout;
  #hasRung = false;

  /** @param silenceMs - how long the far end may say nothing at all. */
  constructor(call: Pick<OutboundCall, 'onProgress'>, silenceMs: Milliseconds) {
    this.#call = call;
    this.#timer = setTimeout(() => this.#silence.settle('silent'), silenceMs);
  }

  /** Resolves when the far end said nothing for too long; else never. */
  get silence(): Promise<'silent'> {
    return this.#silence.promise;
  }

  /** Any sign of the person called: ringing, forwarding, queueing, early media. */
  get hasRung(): boolean {
    return this.#hasRung;
  }

  take(response: SipResponse): void {
    clearTimeout(this.#timer);
    if (response.status <= 100) return;
    this.#hasRung = true;
    this.#call.onProgress?.({ sipStatus: response.status, ...(response.body.trim() === '' ? {} : { sdp: response.body }) });
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
