import type { Clock, Milliseconds } from '../base/time.ts';
import type { Queue, User } from '../model/centre.ts';
import { isCallEvent, type DomainEvent } from '../model/events.ts';
import type { CallId, TenantId } from '../model/ids.ts';
import type { AgentItem, QueueItem } from '../wire/live-item.ts';
import { LiveFigures } from './live-figures.ts';
import type { TodaysFacts } from './ports.ts';

/** Deltas come at most four times a second: an eye reads no faster. */
const MIN_DELTA_INTERVAL_MS: Milliseconds = 250;
/** The longest that `setTimeout` can wait. */
const LONGEST_TIMER_MS: Milliseconds = 2 ** 31 - 1;

/** What changed on the wallboard: whole items by key. */
export interface LiveDelta {
  readonly put: readonly (QueueItem | AgentItem)[];
  readonly drop: readonly string[];
}

/** The set-up of one tenant, and what a {@link LiveView} is joined to. */
export interface LiveViewOptions {
  readonly tenantId: TenantId;
  readonly queues: readonly Queue[];
  /** All users; those who take calls are shown. */
  readonly users: readonly User[];
  /** IANA name; "today" begins at midnight there. */
  readonly timeZone: string;
  readonly clock: Clock;
}

/**
 * The supervisor's wallboard of one tenant, folded from its events.
 *
 * A change of the set-up makes a new view, rebuilt from the facts of today.
 */
export class LiveView {
  readonly #tenantId: TenantId;
  readonly #clock: Clock;
  readonly #figures: LiveFigures;
  readonly #listeners = new Set<(delta: LiveDelta) => void>();
  /** Keys that changed since the last delta. */
  readonly #changed = new Set<string>();
  /** Events that came while the past was being loaded. */
  #heldBack: DomainEvent[] | undefined;
  #deltaTimer: NodeJS.Timeout | undefined;
  #midnightTimer: NodeJS.Timeout | undefined;
  #lastDeltaAt = Number.NEGATIVE_INFINITY;

  constructor(options: LiveViewOptions) {
    this.#tenantId = options.tenantId;
    this.#clock = options.clock;
    this.#figures = new LiveFigures({
      queues: options.queues.filter(({ tenantId }) => tenantId === options.tenantId),
      agents: options.users.filter(({ tenantId, role, queueIds }) => tenantId === options.tenantId && (role === 'agent' || queueIds.length > 0)),
      timeZone: options.timeZone,
      now: options.clock(),
    });
    this.#awaitMidnight();
  }

  /**
   * Counts today's past, once, after a start. Events that are applied meanwhile wait; those
   * that the past contains already are not counted again.
   * @throws what `facts` throws; the view then goes on from now, without the past.
   */
  async rebuild(facts: TodaysFacts): Promise<void> {
    this.#heldBack = [];
    const lastSeq = new Map<CallId, number>();
    try {
      for (const fact of await facts.queueFactsSince(this.#tenantId, this.#figures.day.startsAt)) {
        lastSeq.set(fact.callId, Math.max(fact.seq, lastSeq.get(fact.callId) ?? 0));
        this.#fold(fact);
      }
    } finally {
      const held = this.#heldBack;
      this.#heldBack = undefined;
      for (const event of held) {
        if (!isCallEvent(event) || event.seq > (lastSeq.get(event.callId) ?? 0)) this.#fold(event);
      }
    }
  }

  /** Folds one event of the ledger, in its order; events of other tenants are not for this view. */
  apply(event: DomainEvent): void {
    if (event.tenantId !== this.#tenantId) return;
    if (this.#heldBack !== undefined) this.#heldBack.push(event);
    else this.#fold(event);
  }

  /** The whole wallboard, as of now. */
  snapshot(): readonly (QueueItem | AgentItem)[] {
    return this.#figures.items();
  }

  /**
   * Hears of changes, put together, at most four times a second.
   * @param listener - gets every item that changed after a snapshot taken in the same turn; must not throw.
   * @returns a function that stops listening.
   */
  onDelta(listener: (delta: LiveDelta) => void): () => void {
    // A wrapper per registration, so that the same function registered twice is two listeners.
    const registered = (delta: LiveDelta): void => listener(delta);
    this.#listeners.add(registered);
    return () => {
      this.#listeners.delete(registered);
      if (this.#listeners.size === 0) this.#cancelDelta();
    };
  }

  /** Stops the timers; idempotent. */
  close(): void {
    this.#listeners.clear();
    this.#cancelDelta();
    clearTimeout(this.#midnightTimer);
    this.#midnightTimer = undefined;
  }

  #fold(event: DomainEvent): void {
    this.#note(this.#figures.apply(event));
  }

  #note(keys: readonly string[]): void {
    if (this.#listeners.size === 0 || keys.length === 0) return;
    for (const key of keys) this.#changed.add(key);
    if (this.#deltaTimer !== undefined) return;
    // Not measured to the millisecond by a clock that may be set back: never longer than one interval.
    const sinceLastMs = Math.max(0, this.#clock() - this.#lastDeltaAt);
    this.#deltaTimer = setTimeout(() => this.#sendDelta(), Math.max(0, MIN_DELTA_INTERVAL_MS - sinceLastMs));
  }

  #sendDelta(): void {
    this.#deltaTimer = undefined;
    this.#lastDeltaAt = this.#clock();
    const put = this.#figures.items().filter(({ key }) => this.#changed.has(key));
    this.#changed.clear();
    for (const listener of this.#listeners) listener({ put, drop: [] });
  }

  #cancelDelta(): void {
    clearTimeout(this.#deltaTimer);
    this.#deltaTimer = undefined;
    this.#changed.clear();
  }

  #awaitMidnight(): void {
    const delayMs = Math.min(Math.max(1, this.#figures.day.endsAt - this.#clock()), LONGEST_TIMER_MS);
    this.#midnightTimer = setTimeout(() => {
      this.#note(this.#figures.rollTo(this.#clock()));
      this.#awaitMidnight();
    }, delayMs);
  }
}
