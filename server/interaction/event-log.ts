import type { DomainEvent } from '../model/events.ts';
import type { Ledger } from './ledger/ledger.ts';

/** Somebody who follows what happens: the projector, the live view. */
export type EventListener = (event: DomainEvent, position: number) => void;

/** What an {@link EventLog} is made of. */
export interface EventLogOptions {
  readonly ledger: Ledger;
  /** Hears of a listener that threw; the others and the call go on. */
  readonly onFault: (cause: unknown, what: string) => void;
}

/** The ledger and those who follow it: every event is durable first, then told, in order. */
export class EventLog {
  readonly #ledger: Ledger;
  readonly #onFault: (cause: unknown, what: string) => void;
  readonly #listeners = new Set<EventListener>();

  constructor({ ledger, onFault }: EventLogOptions) {
    this.#ledger = ledger;
    this.#onFault = onFault;
  }

  /**
   * Writes an event and tells the listeners.
   * @returns its position, once it is durable and told. Appends resolve and are told in the order
   *   of their calls: each waits for one promise of the ledger, which keeps that order.
   * @throws AppError as `Ledger.append` does; then nobody is told.
   */
  async append(event: DomainEvent): Promise<number> {
    const position = await this.#ledger.append(event);
    for (const listener of this.#listeners) {
      try {
        listener(event, position);
      } catch (cause) {
        this.#onFault(cause, `following ${event.type}`);
      }
    }
    return position;
  }

  /** @returns a function that stops listening. Events of before are not told again: read the ledger for those. */
  onEvent(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
