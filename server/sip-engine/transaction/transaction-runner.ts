import { step, type Rules } from '../../base/machine.ts';
import type { CommonEvent, TransactionCommand, TransactionTimer } from './timers.ts';

/** Carries out what a rule ordered, except for the timers. */
export type Effects = (command: Exclude<TransactionCommand, { do: 'start' | 'stop' }>) => void;

/**
 * Runs one transaction: its state, its clocks, its effects, all at once and without promises.
 * @remarks Not `MachineRunner` of base, whose mailbox costs a promise and a turn of the microtask
 *   queue per event: a call makes some forty transaction events, and an answer may not wait for
 *   them. The rules and the pure `step` are the same.
 */
export class TransactionRunner<S extends { readonly name: string }, E extends { readonly type: string }> {
  readonly #rules: Rules<S, E | CommonEvent, TransactionCommand>;
  readonly #effects: Effects;
  readonly #timers: Record<TransactionTimer, NodeJS.Timeout | undefined> = { retransmit: undefined, timeout: undefined, linger: undefined };
  readonly #onTerminated: () => void;
  #state: S;

  constructor(
    rules: Rules<S, E | CommonEvent, TransactionCommand>,
    initial: S,
    effects: Effects,
    onTerminated: () => void,
  ) {
    this.#rules = rules;
    this.#state = initial;
    this.#effects = effects;
    this.#onTerminated = onTerminated;
  }

  get state(): S {
    return this.#state;
  }

  /** @returns false when the table refuses the event: a response after the final one. */
  post(event: E | CommonEvent): boolean {
    const outcome = step(this.#rules, this.#state, event);
    if (outcome.kind !== 'moved') return outcome.kind === 'ignored';
    this.#state = outcome.state;
    let endsNow = false;
    for (const command of outcome.commands) {
      if (command.do === 'start') {
        if (command.ms === 0) endsNow = true; // Only `linger` starts at 0: nothing lingers on a reliable transport.
        else this.start(command.timer, command.ms);
      } else if (command.do === 'stop') {
        this.stop(command.timer);
      } else {
        this.#effects(command);
      }
    }
    if (this.#state.name === 'terminated') this.end();
    else if (endsNow) this.post({ type: 'linger' });
    return true;
  }

  /** Starts a clock from outside the rules: those that run from the first moment. */
  start(timer: TransactionTimer, ms: number): void {
    clearTimeout(this.#timers[timer]);
    this.#timers[timer] = setTimeout(() => {
      this.#timers[timer] = undefined;
      this.post({ type: timer });
    }, ms);
  }

  stop(timer: TransactionTimer): void {
    clearTimeout(this.#timers[timer]);
    this.#timers[timer] = undefined;
  }

  /** Stops the clocks and leaves the registry; also used when the engine closes. */
  end(): void {
    this.stop('retransmit');
    this.stop('timeout');
    this.stop('linger');
    this.#onTerminated();
  }
}
