import { AppError } from './app-error.ts';

/** What a handler returns: the next state and the commands to carry out. */
export interface Step<S, C> {
  readonly state: S;
  readonly commands: readonly C[];
}

/** One cell per (state, event): a missing cell does not compile. */
export type Rules<S extends { readonly name: string }, E extends { readonly type: string }, C> = {
  readonly [N in S['name']]: {
    readonly [T in E['type']]:
      | 'ignore'
      | 'refuse'
      | ((state: Extract<S, { name: N }>, event: Extract<E, { type: T }>) => Step<S, C>);
  };
};

/** What {@link step} found in the cell. */
export type StepOutcome<S, C> =
  | ({ readonly kind: 'moved' } & Step<S, C>)
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused' };

/** A step that only changes the state, or keeps it and orders commands. */
export function go<S, C>(state: S, ...commands: readonly C[]): Step<S, C> {
  return { state, commands };
}

/**
 * Looks up one cell of the table and applies it. Pure: time arrives on the event, effects
 * leave as commands.
 * @returns `ignored` for an event that is harmless in this state, `refused` for one that
 *   its sender must be told about.
 */
export function step<S extends { readonly name: string }, E extends { readonly type: string }, C>(
  rules: Rules<S, E, C>,
  state: S,
  event: E,
): StepOutcome<S, C> {
  // Casts because TypeScript cannot relate a key looked up at run time to the mapped type;
  // the table's own type guarantees that every cell exists and fits.
  const row = rules[state.name as S['name']] as Record<string, unknown>;
  const cell = row[event.type] as 'ignore' | 'refuse' | ((state: S, event: E) => Step<S, C>);
  if (cell === 'ignore') return { kind: 'ignored' };
  if (cell === 'refuse') return { kind: 'refused' };
  return { kind: 'moved', ...cell(state, event) };
}

/** How a {@link MachineRunner} touches the world. */
export interface MachineHost<S, E, C> {
  /** Carries out one command; may post further events. A rejection goes to `onFault`. */
  execute(command: C, state: S): void | Promise<void>;
  /** Sees every transition, after the state changed and before its commands run. */
  onTransition?(from: S, to: S, event: E): void;
  /** Hears of a command that failed; the machine goes on. */
  onFault(cause: unknown, command: C): void;
}

/**
 * Runs one machine: events are handled one at a time in arrival order, and the commands of
 * one step end before the next event is looked at.
 */
export class MachineRunner<S extends { readonly name: string }, E extends { readonly type: string }, C> {
  readonly #rules: Rules<S, E, C>;
  readonly #host: MachineHost<S, E, C>;
  readonly #mailbox: { event: E; reply: (outcome: 'moved' | 'ignored') => void; refuse: (cause: unknown) => void }[] = [];
  #state: S;
  #running = false;

  constructor(rules: Rules<S, E, C>, initial: S, host: MachineHost<S, E, C>) {
    this.#rules = rules;
    this.#state = initial;
    this.#host = host;
  }

  get state(): S {
    return this.#state;
  }

  /**
   * Posts an event to the mailbox.
   * @returns once its step and commands are done: whether the machine moved.
   * @throws AppError `base.event-refused` when the table refuses the event in this state;
   *   what a handler or `onTransition` throws. The machine goes on with the next event.
   */
  post(event: E): Promise<'moved' | 'ignored'> {
    return new Promise((reply, refuse) => {
      this.#mailbox.push({ event, reply, refuse });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    for (let mail = this.#mailbox.shift(); mail; mail = this.#mailbox.shift()) {
      try {
        const before = this.#state;
        const outcome = step(this.#rules, before, mail.event);
        if (outcome.kind === 'refused') throw refusal(before, mail.event);
        if (outcome.kind === 'moved') {
          this.#state = outcome.state;
          try {
            this.#host.onTransition?.(before, outcome.state, mail.event);
          } finally {
            for (const command of outcome.commands) await this.#execute(command);
          }
        }
        mail.reply(outcome.kind);
      } catch (cause) {
        mail.refuse(cause); // Whatever one event does, the next is looked at.
      }
    }
    this.#running = false;
  }

  async #execute(command: C): Promise<void> {
    try {
      await this.#host.execute(command, this.#state);
    } catch (cause) {
      this.#host.onFault(cause, command);
    }
  }
}

const refusal = (state: { readonly name: string }, event: { readonly type: string }): AppError => new AppError({
  code: 'base.event-refused',
  category: 'agent',
  message: `${event.type} is not possible while ${state.name}`,
  details: { state: state.name, event: event.type },
});
