import { AppError } from '../base/app-error.ts';
import type { EpochMs } from '../base/time.ts';
import type { CallId, OfferId, QueueId, TenantId, UserId } from '../model/ids.ts';
import type { AgentView, Assignment, Offer, OfferOutcome, QueueEntry, RoutingSnapshot } from '../model/routing.ts';
import type { ClaimOutcome, RoutingChange, RoutingStore } from './ports.ts';
import { compareEntries } from './queue-order.ts';

/** A live offer, and the stay in the queue that it was made to. */
interface LiveOffer {
  readonly offer: Offer;
  readonly entry: QueueEntry;
}

/**
 * Waiting calls and agents of one process. Each method does its work before it returns, so
 * that a claim is atomic. Holds the live only: calls in queue, agents signed in, offers ringing.
 */
export class MemoryRoutingStore implements RoutingStore {
  readonly #entries = new Map<CallId, QueueEntry>();
  /** As last put. While an agent has a live offer she is `offered`, whatever was put. */
  readonly #agents = new Map<UserId, AgentView>();
  readonly #offers = new Map<OfferId, LiveOffer>();
  readonly #offerOfCall = new Map<CallId, OfferId>();
  readonly #offerOfAgent = new Map<UserId, OfferId>();
  readonly #listeners = new Set<(change: RoutingChange) => void>();

  async enqueue(entry: QueueEntry): Promise<void> {
    if (this.#entries.has(entry.callId)) {
      throw new AppError({
        code: 'routing.already-queued', category: 'bug',
        message: 'a call waits in one queue at a time', details: { callId: entry.callId },
      });
    }
    this.#entries.set(entry.callId, entry);
    this.#changed(entry.tenantId);
  }

  async remove(callId: CallId): Promise<boolean> {
    const entry = this.#entries.get(callId);
    if (entry === undefined) return false;
    this.#entries.delete(callId);
    this.#changed(entry.tenantId);
    return true;
  }

  async putAgent(agent: AgentView): Promise<void> {
    this.#agents.set(agent.agentId, agent);
    this.#changed(agent.tenantId);
  }

  async removeAgent(agentId: UserId): Promise<void> {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) return;
    this.#agents.delete(agentId);
    this.#changed(agent.tenantId);
  }

  async snapshot(tenantId: TenantId): Promise<RoutingSnapshot> {
    return {
      entries: [...this.#entries.values()]
        .filter((entry) => entry.tenantId === tenantId && !this.#offerOfCall.has(entry.callId))
        .sort(compareEntries),
      agents: [...this.#agents.values()]
        .filter((agent) => agent.tenantId === tenantId)
        .map((agent) => this.#withOffer(agent)),
    };
  }

  async waiting(tenantId: TenantId, queueId: QueueId): Promise<readonly QueueEntry[]> {
    return [...this.#entries.values()]
      .filter((entry) => entry.tenantId === tenantId && entry.queueId === queueId)
      .sort(compareEntries);
  }

  async claim(assignment: Assignment, offerId: OfferId, at: EpochMs): Promise<ClaimOutcome> {
    const entry = this.#entries.get(assignment.callId);
    if (entry?.queueId !== assignment.queueId) return { kind: 'stale', because: 'entry-gone' };
    if (this.#offerOfCall.has(entry.callId)) return { kind: 'stale', because: 'entry-offered' };
    const agent = this.#agents.get(assignment.agentId);
    if (agent?.tenantId !== entry.tenantId || !agent.queueIds.includes(entry.queueId)) return { kind: 'stale', because: 'agent-gone' };
    if (agent.state !== 'available' || this.#offerOfAgent.has(agent.agentId)) return { kind: 'stale', because: 'agent-busy' };
    const offer: Offer = { ...assignment, offerId, offeredAt: at };
    this.#offers.set(offerId, { offer, entry });
    this.#offerOfCall.set(entry.callId, offerId);
    this.#offerOfAgent.set(agent.agentId, offerId);
    return { kind: 'claimed', offer };
  }

  async settle(offerId: OfferId, outcome: OfferOutcome, at: EpochMs): Promise<void> {
    const live = this.#offers.get(offerId);
    if (live === undefined) return;
    const { offer, entry } = live;
    this.#offers.delete(offerId);
    this.#offerOfCall.delete(offer.callId);
    this.#offerOfAgent.delete(offer.agentId);
    if (outcome === 'accepted') {
      this.#entries.delete(offer.callId);
      this.#occupy(offer.agentId, at);
    } else if (outcome !== 'rescinded' && this.#entries.get(offer.callId) === entry) {
      this.#entries.set(offer.callId, withDecline(entry, offer.agentId, at));
    }
    this.#changed(entry.tenantId);
  }

  onChange(listener: (change: RoutingChange) => void): () => void {
    // A wrapper per registration, so that the same function registered twice is two listeners.
    const registered = (change: RoutingChange): void => listener(change);
    this.#listeners.add(registered);
    return () => { this.#listeners.delete(registered); };
  }

  /** Her own state machine says `on-call` a moment later; until then she must not look free. */
  #occupy(agentId: UserId, at: EpochMs): void {
    const agent = this.#agents.get(agentId);
    if (agent?.state === 'available' || agent?.state === 'offered') {
      this.#agents.set(agentId, { ...agent, state: 'on-call', since: at });
    }
  }

  #withOffer(agent: AgentView): AgentView {
    const offerId = this.#offerOfAgent.get(agent.agentId);
    const live = offerId === undefined ? undefined : this.#offers.get(offerId);
    return live !== undefined && agent.state === 'available'
      ? { ...agent, state: 'offered', since: live.offer.offeredAt }
      : agent;
  }

  #changed(tenantId: TenantId): void {
    for (const listener of this.#listeners) listener({ tenantId });
  }
}

/** One decline per agent, the latest: the list grows with the agents, not with the attempts. */
function withDecline(entry: QueueEntry, agentId: UserId, at: EpochMs): QueueEntry {
  return { ...entry, declines: [...entry.declines.filter((decline) => decline.agentId !== agentId), { agentId, at }] };
}
