import { AppError } from '../base/app-error.ts';
import { newId } from '../base/new-id.ts';
import type { Clock, Milliseconds } from '../base/time.ts';
import { asId, type CallId, type OfferId, type TenantId } from '../model/ids.ts';
import type { Assignment, OfferOutcome, QueueEntry } from '../model/routing.ts';
import { decide, type Policies } from './decide.ts';
import { HeldCall, type WaitingCall } from './held-call.ts';
import type { RoutingStore } from './ports.ts';

export type { WaitingCall };

/** How long to wait before deciding again after the store failed. */
const RETRY_AFTER_FAULT_MS: Milliseconds = 500;
/** Decisions in a row that lost a claim before the dispatcher takes a breath, and how long. */
const MAX_STALE_ROUNDS = 16;
const STALE_PAUSE_MS: Milliseconds = 20;
/** The longest that `setTimeout` can wait; a later wake-up sets the timer again. */
const LONGEST_TIMER_MS: Milliseconds = 2 ** 31 - 1;

/** What a {@link Dispatcher} is joined to. */
export interface DispatcherOptions {
  readonly store: RoutingStore;
  /** The policies in force; read at each decision, so that a new version holds at once. */
  readonly policies: () => Policies;
  readonly clock: Clock;
  /** Hears of a store that failed and of calls that nothing can be decided for. Must not throw. */
  readonly onFault: (cause: unknown) => void;
}

/** The decisions of one tenant: one at a time, none lost. */
interface Desk {
  readonly tenantId: TenantId;
  due: boolean;
  deciding: boolean;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Brings waiting calls and free agents together: on each change of the store it takes a
 * snapshot, decides, claims, and hands the offer to the waiting call. The only caller of
 * `decide` and `claim`.
 *
 * It claims for the calls that it holds and leaves the others of the snapshot to the node
 * that holds them: every node decides alike, and the store judges between them.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #calls = new Map<CallId, HeldCall>();
  readonly #desks = new Map<TenantId, Desk>();
  readonly #reported = new Set<CallId>();
  readonly #stopListening: () => void;
  #closed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#stopListening = options.store.onChange(({ tenantId }) => this.reconsider(tenantId));
  }

  /**
   * Puts a call into its queue. Its story then asks for offers until one is accepted, or leaves.
   * @throws AppError `routing.no-policy` for a queue that has none, `routing.already-queued`
   *   when the call is in a queue already, `routing.dispatcher-closed`; what the store throws.
   */
  async enter(entry: QueueEntry): Promise<WaitingCall> {
    if (this.#closed) throw refusal('dispatcher-closed', 'the dispatcher is closed', entry);
    if (!this.#options.policies().has(entry.queueId)) throw refusal('no-policy', 'the queue has no policy', entry);
    if (this.#calls.has(entry.callId)) throw refusal('already-queued', 'a call waits in one queue at a time', entry);
    const call = new HeldCall(entry, {
      settle: (held, offerId, outcome) => this.#settle(held, offerId, outcome),
      leave: (held) => this.#leave(held),
      resumed: (held) => this.reconsider(held.entry.tenantId),
    });
    this.#calls.set(entry.callId, call);
    try {
      await this.#options.store.enqueue(entry);
    } catch (cause) {
      this.#forget(call);
      throw cause;
    }
    return call;
  }

  /** Decides again for a tenant, as after a change of policy; changes of the store need no word. */
  reconsider(tenantId: TenantId): void {
    if (this.#closed) return;
    let desk = this.#desks.get(tenantId);
    if (desk === undefined) {
      desk = { tenantId, due: false, deciding: false, timer: undefined };
      this.#desks.set(tenantId, desk);
    }
    desk.due = true;
    if (!desk.deciding) void this.#run(desk);
  }

  /** Stops deciding; calls that wait for an offer hear `routing.dispatcher-closed`. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopListening();
    for (const desk of this.#desks.values()) clearTimeout(desk.timer);
    for (const call of this.#calls.values()) call.end('dispatcher-closed');
    this.#desks.clear();
    this.#calls.clear();
  }

  async #run(desk: Desk): Promise<void> {
    desk.deciding = true;
    let staleRounds = 0;
    try {
      while (desk.due && !this.#closed) {
        await Promise.resolve(); // A burst of changes in one turn is one decision.
        desk.due = false;
        clearTimeout(desk.timer);
        const lostAClaim = await this.#decideOnce(desk);
        staleRounds = lostAClaim ? staleRounds + 1 : 0;
        if (lostAClaim && staleRounds < MAX_STALE_ROUNDS) desk.due = true;
        if (staleRounds === MAX_STALE_ROUNDS) return this.#decideIn(desk, STALE_PAUSE_MS);
      }
    } catch (cause) {
      this.#options.onFault(cause);
      this.#decideIn(desk, RETRY_AFTER_FAULT_MS);
    } finally {
      desk.deciding = false;
    }
  }

  /** @returns whether the store refused a claim, because the world had moved. */
  async #decideOnce(desk: Desk): Promise<boolean> {
    const { store, clock, policies } = this.#options;
    const seen = await store.snapshot(desk.tenantId);
    const entries = seen.entries.filter((entry) => this.#calls.get(entry.callId)?.wantsOffers ?? true);
    const now = clock();
    const decision = decide({ ...seen, entries }, policies(), now);
    for (const callId of decision.unroutable) this.#reportUnroutable(callId);
    if (decision.wakeAt !== undefined) this.#decideIn(desk, decision.wakeAt - now);
    let lostAClaim = false;
    for (const assignment of decision.assignments) {
      if (await this.#claim(assignment) === 'stale') lostAClaim = true;
    }
    return lostAClaim;
  }

  async #claim(assignment: Assignment): Promise<'done' | 'stale'> {
    const call = this.#calls.get(assignment.callId);
    if (call === undefined) return 'done';
    const outcome = await this.#options.store.claim(assignment, asId<OfferId>(newId()), this.#options.clock());
    if (outcome.kind === 'stale') return 'stale';
    const { offerId } = outcome.offer;
    if (!call.deliver(outcome.offer)) await this.#options.store.settle(offerId, 'rescinded', this.#options.clock());
    return 'done';
  }

  async #settle(call: HeldCall, offerId: OfferId, outcome: OfferOutcome): Promise<void> {
    try {
      await this.#options.store.settle(offerId, outcome, this.#options.clock());
    } catch (cause) {
      this.#options.onFault(cause);
      throw cause;
    }
    call.settled(offerId);
    if (outcome === 'accepted') {
      call.end('left-queue');
      this.#forget(call);
    }
  }

  /**
   * The call stays known until the store let it go: it cannot enter again before, and its
   * entry, if the store fails, draws no agent in later decisions.
   */
  async #leave(call: HeldCall): Promise<void> {
    call.end('left-queue');
    const offerId = call.liveOfferId;
    try {
      await this.#options.store.remove(call.entry.callId);
    } catch (cause) {
      this.#options.onFault(cause);
      throw cause;
    }
    if (offerId !== undefined) await this.#settle(call, offerId, 'rescinded');
    this.#forget(call);
  }

  #forget(call: HeldCall): void {
    const { callId } = call.entry;
    if (this.#calls.get(callId) !== call) return;
    this.#calls.delete(callId);
    this.#reported.delete(callId);
  }

  /** One report per call, not one per decision. */
  #reportUnroutable(callId: CallId): void {
    const call = this.#calls.get(callId);
    if (call === undefined || this.#reported.has(callId)) return;
    this.#reported.add(callId);
    this.#options.onFault(refusal('no-policy', 'the queue has no policy any more', call.entry));
  }

  #decideIn(desk: Desk, delayMs: Milliseconds): void {
    clearTimeout(desk.timer);
    if (this.#closed) return;
    desk.timer = setTimeout(() => this.reconsider(desk.tenantId), Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
  }
}

const refusal = (what: string, message: string, entry: QueueEntry): AppError => new AppError({
  code: `routing.${what}`, category: what === 'no-policy' ? 'config' : 'bug',
  message, details: { callId: entry.callId, queueId: entry.queueId },
});
