import { AppError } from '../base/app-error.ts';
import { delay } from '../base/deadline.ts';
import type { Clock, Milliseconds } from '../base/time.ts';
import { isCallEvent, type CallEvent } from '../model/events.ts';
import type { CallId } from '../model/ids.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { EventLog } from './event-log.ts';
import { foldInteraction } from './fold-interaction.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { LedgerReader } from './ledger/reader.ts';
import type { LedgerRecord } from './ledger/record.ts';
import type { InteractionRecord, InteractionStore } from './ports.ts';

/** What a {@link Projector} is made of. */
export interface ProjectorOptions {
  readonly ledger: Pick<Ledger, 'follow' | 'lastPosition' | 'firstPosition'>;
  readonly log: Pick<EventLog, 'onEvent'>;
  readonly store: InteractionStore;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  /** Hears once of each outage and of each record that was parked. */
  readonly onFault: (cause: unknown, what: string) => void;
  /** Most records in one transaction; default 250: long enough for throughput, short enough for the thread. */
  readonly batchSize?: number;
}

const FIRST_RETRY_MS: Milliseconds = 100;
const LONGEST_RETRY_MS: Milliseconds = 5000;

interface Waiter {
  readonly position: number;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * Brings the ledger into the history: as each event becomes durable, and after an outage of the
 * database from where it stopped. Calls never wait for it.
 */
export class Projector {
  readonly #options: ProjectorOptions;
  readonly #stop = new AbortController();
  #position = 0;
  #reader: LedgerReader | undefined;
  #running: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  #waiters: Waiter[] = [];
  #stopListening: () => void = () => undefined;

  constructor(options: ProjectorOptions) {
    this.#options = options;
  }

  /** Position up to which the history is complete. */
  get projectedPosition(): number {
    return this.#position;
  }

  /**
   * Starts to follow the ledger.
   * @throws AppError `interaction.ledger-behind` when the history knows positions that the ledger
   *   does not have: one of the two was replaced. What the store throws when it cannot be read.
   */
  async start(): Promise<void> {
    const { ledger, log, store } = this.#options;
    this.#position = await store.projectedPosition();
    if (this.#position > ledger.lastPosition || this.#position + 1 < ledger.firstPosition) {
      throw new AppError({
        code: 'interaction.ledger-behind', category: 'config',
        message: `the ledger has positions ${ledger.firstPosition} to ${ledger.lastPosition}, the history goes on after ${this.#position}: ledger and database do not belong together`,
        details: { projected: this.#position, first: ledger.firstPosition, last: ledger.lastPosition },
      });
    }
    this.#stopListening = log.onEvent(() => this.#wake());
    this.#running = this.#run();
  }

  /**
   * Waits until everything that is durable now is in the history.
   * @throws AppError `interaction.projector-closed` when it is closed before that; `ledger.corrupt`
   *   when it comes to a record that cannot be read.
   */
  settled(): Promise<void> {
    const position = this.#options.ledger.lastPosition;
    if (this.#position >= position) return Promise.resolve();
    if (this.#stop.signal.aborted) return Promise.reject(closed());
    return new Promise((resolve, reject) => this.#waiters.push({ position, resolve, reject }));
  }

  /** Stops after the batch in hand; the rest waits in the ledger for the next start. Idempotent. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#stop.abort();
    this.#wake();
    await this.#running;
    await this.#reader?.close();
    this.#reader = undefined;
    for (const { reject } of this.#waiters.splice(0)) reject(closed());
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    let failing = false;
    while (!this.#stop.signal.aborted) {
      // Armed before the ledger is read: an event that arrives meanwhile is not missed.
      const woken = new Promise<void>((resolve) => { this.#wake = resolve; });
      try {
        const moved = await this.#step();
        failing = false;
        retryMs = FIRST_RETRY_MS;
        if (!moved && !this.#stop.signal.aborted) await woken;
      } catch (cause) {
        if (!failing) this.#options.onFault(cause, 'bringing the ledger into the history; calls go on, trying again');
        failing = true;
        if (isDamage(cause)) for (const { reject } of this.#waiters.splice(0)) reject(cause);
        await this.#forgetReader();
        await delay(retryMs, this.#stop.signal);
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  /** Projects one batch. @returns whether there was one. */
  async #step(): Promise<boolean> {
    this.#reader ??= this.#options.ledger.follow(this.#position + 1);
    const batch = await this.#reader.readBatch(this.#options.batchSize ?? 250);
    const last = batch.at(-1);
    if (!last) return false;
    const byCall = groupByCall(batch);
    try {
      await this.#project([...byCall.values()].flat(), last.position);
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
      await this.#projectOneByOne(byCall, last.position);
    }
    this.#position = last.position;
    this.#waiters = this.#waiters.filter(({ position, resolve }) => {
      if (position > last.position) return true;
      resolve();
      return false;
    });
    return true;
  }

  /** Some call in the batch is refused by the store: the others must not wait for it. */
  async #projectOneByOne(byCall: ReadonlyMap<CallId, readonly CallRecord[]>, position: number): Promise<void> {
    for (const records of byCall.values()) {
      try {
        await this.#project(records, this.#position);
      } catch (cause) {
        if (!isRefusal(cause)) throw cause;
        for (const record of records) await this.#park(record, cause);
      }
    }
    await this.#options.store.commit([], position);
  }

  async #project(records: readonly CallRecord[], position: number): Promise<void> {
    const { store } = this.#options;
    const callIds = [...new Set(records.map(({ event }) => event.callId))];
    const loaded = callIds.length === 0 ? [] : await store.load(callIds);
    const folded = new Map<CallId, InteractionRecord>(loaded.map((record) => [record.interaction.interactionId, record]));
    const changed = new Map<CallId, InteractionRecord>();
    for (const record of records) {
      const before = folded.get(record.event.callId);
      const after = await this.#fold(before, record);
      if (after === undefined || after === before) continue;
      folded.set(record.event.callId, after);
      changed.set(record.event.callId, after);
    }
    await store.commit([...changed.values()], position);
  }

  /** @returns nothing for an event that was parked: the fold is pure, so it would fail again. */
  async #fold(before: InteractionRecord | undefined, record: CallRecord): Promise<InteractionRecord | undefined> {
    try {
      return foldInteraction(before, record.event);
    } catch (cause) {
      await this.#park(record, cause);
      return undefined;
    }
  }

  async #park(record: LedgerRecord, cause: unknown): Promise<void> {
    const { deadLetters, clock, onFault } = this.#options;
    await deadLetters.park(record, cause, clock());
    onFault(cause, `projecting position ${record.position}; it is kept among the dead letters`);
  }

  async #forgetReader(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close().catch((cause: unknown) => this.#options.onFault(cause, 'closing a ledger file'));
  }
}

type CallRecord = LedgerRecord & { readonly event: CallEvent };

const isOfCall = (record: LedgerRecord): record is CallRecord => isCallEvent(record.event);

/** The events of each call, in order; what is not of a call is in the ledger alone. */
function groupByCall(batch: readonly LedgerRecord[]): ReadonlyMap<CallId, readonly CallRecord[]> {
  const byCall = new Map<CallId, CallRecord[]>();
  for (const record of batch.filter(isOfCall)) {
    const records = byCall.get(record.event.callId) ?? [];
    records.push(record);
    byCall.set(record.event.callId, records);
  }
  return byCall;
}

/** A store that says `bug` will never take this record; everything else is an outage. */
const isRefusal = (cause: unknown): boolean => cause instanceof AppError && cause.category === 'bug' && !cause.retryable;

/** Waiting does not mend a damaged file: who starts the program must hear of it. */
const isDamage = (cause: unknown): boolean => cause instanceof AppError && cause.code === 'ledger.corrupt';

const closed = (): AppError => new AppError({ code: 'interaction.projector-closed', category: 'bug', message: 'the projector was closed' });
