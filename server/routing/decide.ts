import { epochMs, type EpochMs } from '../base/time.ts';
import type { QueuePolicy } from '../model/centre.ts';
import type { CallId, QueueId, UserId } from '../model/ids.ts';
import type { AgentView, Assignment, ExclusionReason, QueueEntry, Receipt, RoutingSnapshot } from '../model/routing.ts';
import { backoffEndsAt, exclusionOf, speaksFor, type Needs } from './eligibility.ts';
import { compareAgents, compareEntries } from './queue-order.ts';
import { snapshotHash } from './snapshot-hash.ts';

/** What one sitting of the router decided. */
export interface Decision {
  /** In the order of service; each agent and each call at most once. */
  readonly assignments: readonly Assignment[];
  /** When a back-off ends that alone keeps a free agent from a waiting call; absent when there is none. */
  readonly wakeAt?: EpochMs;
  /** Calls whose queue has no policy: nothing was decided for them, and somebody must be told. */
  readonly unroutable: readonly CallId[];
}

/** The policies in force, by queue. */
export type Policies = ReadonlyMap<QueueId, QueuePolicy>;

/**
 * Who gets which call, for the dispatcher, the replay and the simulator. Pure: the same input
 * gives the same output, in whatever order entries and agents are listed.
 * @remarks Callers in the order of `(key, enqueuedAt, callId)`, each to the longest idle of
 *   the agents who may have her. One pass over that order leaves no free agent beside a caller
 *   whom she may serve, because the free only become fewer; and a caller is passed over only
 *   when nobody free may serve her, so that whoever has the same needs and a larger key finds
 *   nobody either. With `0 ≤ headStart ≤ maxHeadStartMs` that is invariant 3 (DESIGN §6, §9).
 */
export function decide(snapshot: RoutingSnapshot, policies: Policies, now: EpochMs): Decision {
  return new Sitting(snapshot, policies, now).decide();
}

/** The working state of one decision. */
class Sitting {
  readonly #snapshot: RoutingSnapshot;
  readonly #policies: Policies;
  readonly #now: EpochMs;
  readonly #entries: readonly QueueEntry[];
  /** Longest idle first. */
  readonly #agents: readonly AgentView[];
  readonly #freeByQueue = new Map<QueueId, AgentView[]>();
  readonly #waitingByQueue = new Map<QueueId, number>();
  readonly #spoken = new Map<string, boolean>();
  readonly #taken = new Set<UserId>();
  #hash: string | undefined;

  constructor(snapshot: RoutingSnapshot, policies: Policies, now: EpochMs) {
    this.#snapshot = snapshot;
    this.#policies = policies;
    this.#now = now;
    this.#entries = snapshot.entries.toSorted(compareEntries);
    this.#agents = snapshot.agents.toSorted(compareAgents);
    for (const agent of this.#agents) {
      if (agent.state !== 'available') continue;
      for (const queueId of new Set(agent.queueIds)) {
        const free = this.#freeByQueue.get(queueId);
        if (free === undefined) this.#freeByQueue.set(queueId, [agent]);
        else free.push(agent);
      }
    }
    for (const { queueId } of this.#entries) {
      this.#waitingByQueue.set(queueId, (this.#waitingByQueue.get(queueId) ?? 0) + 1);
    }
  }

  decide(): Decision {
    const assignments: Assignment[] = [];
    const unroutable: CallId[] = [];
    const left: Needs[] = [];
    const positions = new Map<QueueId, number>();
    for (const entry of this.#entries) {
      const position = (positions.get(entry.queueId) ?? 0) + 1;
      positions.set(entry.queueId, position);
      const policy = this.#policies.get(entry.queueId);
      if (policy === undefined) {
        unroutable.push(entry.callId);
        continue;
      }
      const needs = this.#needsOf(entry, policy);
      const receipt = this.#serve(needs, policy, position);
      if (receipt === undefined) left.push(needs);
      else assignments.push({ callId: entry.callId, agentId: receipt.chosen, queueId: entry.queueId, receipt });
    }
    const wakeAt = this.#wakeAt(left);
    return { assignments, unroutable, ...(wakeAt === undefined ? {} : { wakeAt }) };
  }

  #serve(needs: Needs, policy: QueuePolicy, position: number): Receipt | undefined {
    const { entry } = needs;
    const candidates = (this.#freeByQueue.get(entry.queueId) ?? [])
      .filter((agent) => exclusionOf(agent, needs, this.#taken) === undefined);
    const [first, second] = candidates;
    if (first === undefined) return undefined;
    const excluded = this.#excluded(needs);
    this.#taken.add(first.agentId);
    return {
      decidedAt: this.#now,
      snapshotHash: (this.#hash ??= snapshotHash(this.#snapshot)),
      policyVersion: policy.version,
      callId: entry.callId,
      queueId: entry.queueId,
      key: entry.key,
      headStart: entry.headStart,
      waitedMs: Math.max(0, this.#now - entry.enqueuedAt),
      waiting: this.#waitingByQueue.get(entry.queueId) ?? 0,
      position,
      candidates: candidates.map((agent) => ({ agentId: agent.agentId, idleMs: Math.max(0, this.#now - agent.since) })),
      excluded,
      chosen: first.agentId,
      tieBreak: second === undefined ? 'only-candidate' : first.since < second.since ? 'longest-idle' : 'agent-id',
      language: entry.language,
      ...(entry.requiredSkill === undefined ? {} : { requiredSkill: entry.requiredSkill }),
      ...(needs.language === undefined ? { relaxed: [{ need: 'language', because: 'nobody-signed-in-speaks-it' }] } : {}),
    };
  }

  #excluded(needs: Needs): { readonly agentId: UserId; readonly reason: ExclusionReason }[] {
    return this.#agents.flatMap((agent) => {
      const reason = exclusionOf(agent, needs, this.#taken);
      return reason === undefined ? [] : [{ agentId: agent.agentId, reason }];
    });
  }

  #needsOf(entry: QueueEntry, policy: QueuePolicy): Needs {
    const bare = { entry, declineBackoffMs: policy.declineBackoffMs, now: this.#now };
    return this.#isSpoken(entry) ? { ...bare, language: entry.language } : bare;
  }

  #isSpoken(entry: QueueEntry): boolean {
    const key = JSON.stringify([entry.tenantId, entry.queueId, entry.requiredSkill ?? null, entry.language]);
    let spoken = this.#spoken.get(key);
    if (spoken === undefined) {
      spoken = this.#agents.some((agent) => speaksFor(agent, entry));
      this.#spoken.set(key, spoken);
    }
    return spoken;
  }

  /** Every other change that could alter the decision arrives as a change of the store. */
  #wakeAt(left: readonly Needs[]): EpochMs | undefined {
    let earliest = Number.POSITIVE_INFINITY;
    for (const needs of left) {
      if (needs.entry.declines.length === 0) continue;
      for (const agent of this.#freeByQueue.get(needs.entry.queueId) ?? []) {
        if (exclusionOf(agent, needs, this.#taken) !== 'declined-this-call') continue;
        earliest = Math.min(earliest, backoffEndsAt(agent.agentId, needs));
      }
    }
    return Number.isFinite(earliest) ? epochMs(earliest) : undefined;
  }
}
