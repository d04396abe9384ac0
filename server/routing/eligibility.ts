import type { EpochMs, Milliseconds } from '../base/time.ts';
import type { UserId } from '../model/ids.ts';
import type { Language } from '../model/language.ts';
import type { AgentView, ExclusionReason, QueueEntry } from '../model/routing.ts';

/** What one entry asks of an agent at one moment. */
export interface Needs {
  readonly entry: QueueEntry;
  /** Absent when the language was let go. */
  readonly language?: Language;
  readonly declineBackoffMs: Milliseconds;
  readonly now: EpochMs;
}

/**
 * Why an agent may not have a call.
 * @param taken - agents who already have a call in this decision.
 * @returns the first reason that holds, from the lasting to the passing: who is told
 *   `declined-this-call` would have the call but for that. `undefined` when she may have it.
 */
export function exclusionOf(agent: AgentView, needs: Needs, taken: ReadonlySet<UserId>): ExclusionReason | undefined {
  const { entry } = needs;
  if (agent.tenantId !== entry.tenantId || !agent.queueIds.includes(entry.queueId)) return 'not-in-queue';
  if (agent.state === 'offline') return 'offline';
  if (!hasSkill(agent, entry.requiredSkill)) return 'lacks-skill';
  if (needs.language !== undefined && !agent.languages.includes(needs.language)) return 'lacks-language';
  const busy = whyBusy(agent);
  if (busy !== undefined) return busy;
  if (taken.has(agent.agentId)) return 'assigned-in-this-decision';
  return backoffEndsAt(agent.agentId, needs) > needs.now ? 'declined-this-call' : undefined;
}

/** Whether the agent could take such a call if she were free: what the language is let go by. */
export function speaksFor(agent: AgentView, entry: QueueEntry): boolean {
  return agent.tenantId === entry.tenantId && agent.state !== 'offline' && agent.queueIds.includes(entry.queueId)
    && hasSkill(agent, entry.requiredSkill) && agent.languages.includes(entry.language);
}

/** When the agent may be offered this call again; in the past, or minus infinity, when she may now. */
export function backoffEndsAt(agentId: UserId, needs: Needs): number {
  return needs.entry.declines.reduce(
    (latest, decline) => (decline.agentId === agentId ? Math.max(latest, decline.at + needs.declineBackoffMs) : latest),
    Number.NEGATIVE_INFINITY,
  );
}

function hasSkill(agent: AgentView, skill: string | undefined): boolean {
  return skill === undefined || (Object.hasOwn(agent.skills, skill) && (agent.skills[skill] ?? 0) > 0);
}

function whyBusy(agent: AgentView): ExclusionReason | undefined {
  switch (agent.state) {
    case 'available': return undefined;
    case 'offline': return 'offline';
    case 'offered': return 'already-offered';
    case 'on-call': return 'on-call';
    case 'wrap-up': return 'in-wrap-up';
    case 'on-break': return 'on-break';
  }
}
