import type { AgentView, QueueEntry } from '../model/routing.ts';

const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order of service: key, then arrival, then call id, so that no two entries are equal. */
export function compareEntries(a: QueueEntry, b: QueueEntry): number {
  return compare(a.key, b.key) || compare(a.enqueuedAt, b.enqueuedAt) || compare<string>(a.callId, b.callId);
}

/** Longest idle first, then agent id, so that no two agents are equal. */
export function compareAgents(a: AgentView, b: AgentView): number {
  return compare(a.since, b.since) || compare<string>(a.agentId, b.agentId);
}
