import type { Clock, EpochMs } from '../base/time.ts';
import type { CallEvent, CallFact } from '../model/events.ts';
import type { CallId, TenantId } from '../model/ids.ts';
import type { EventLog } from './event-log.ts';

/** What a {@link CallRecorder} is made of. */
export interface CallRecorderOptions {
  readonly tenantId: TenantId;
  readonly callId: CallId;
  readonly log: Pick<EventLog, 'append'>;
  readonly clock: Clock;
  /** Where an interrupted call goes on: sequence and time of its last event. */
  readonly after?: { readonly seq: number; readonly at: EpochMs };
}

/** Stamps the facts of one call with tenant, call, sequence and time, and writes them down in order. */
export class CallRecorder {
  readonly #options: CallRecorderOptions;
  #seq: number;
  #lastAt: number;
  /** Sequences whose event was refused by the ledger, not yet taken back. */
  readonly #refused = new Set<number>();

  constructor(options: CallRecorderOptions) {
    this.#options = options;
    this.#seq = options.after?.seq ?? 0;
    this.#lastAt = options.after?.at ?? 0;
  }

  /**
   * Records a fact.
   * @returns once it is durable and told to the listeners. Concurrent records keep their order.
   * @throws AppError as `Ledger.append` does. The sequence is then used again: the ledger refuses
   *   everything behind a failed write too, so nothing durable carries a later one.
   */
  async record(fact: CallFact): Promise<void> {
    const { tenantId, callId, log, clock } = this.#options;
    const seq = this.#seq + 1;
    this.#seq = seq;
    // A wall clock that was set back must not make a call end before it began.
    const at = Math.max(clock(), this.#lastAt);
    this.#lastAt = at;
    // A cast because spreading a union loses which variant it was; each fact becomes its own event.
    const event = { ...fact, v: 1, tenantId, callId, seq, at } as CallEvent;
    try {
      await log.append(event);
    } catch (cause) {
      this.#takeBack(seq);
      throw cause;
    }
  }

  #takeBack(seq: number): void {
    this.#refused.add(seq);
    while (this.#refused.delete(this.#seq)) this.#seq -= 1;
  }
}
