import type { QueueId, UserId } from '../model/ids.ts';
import type { Language } from '../model/language.ts';
import type { ExclusionReason, Receipt } from '../model/routing.ts';
import { PHRASES, type Phrases } from './explain-phrases.ts';

/** Where the names in a sentence come from; `undefined` for what is not there any more. */
export interface Names {
  agentName(agentId: UserId): string | undefined;
  queueName(queueId: QueueId): string | undefined;
}

/** Most names in one sentence; the others are counted. */
const MAX_NAMES = 5;

/**
 * "Why did this call go there?", answered from its receipt alone, for agents and supervisors.
 * @returns sentences in the order in which the router thought: the place in the queue, the
 *   head start, who could have it and why this one, what was let go, who could not and why.
 */
export function explainReceipt(receipt: Receipt, language: Language, names: Names): readonly string[] {
  const phrases = PHRASES[language];
  const agent = (agentId: UserId): string => names.agentName(agentId) ?? agentId;
  const relaxed = receipt.relaxed?.some(({ need }) => need === 'language') ?? false;
  return [
    phrases.place({
      queue: names.queueName(receipt.queueId) ?? receipt.queueId,
      position: receipt.position, waiting: receipt.waiting, waited: spell(receipt.waitedMs, phrases),
    }),
    headStartSentence(receipt, phrases),
    choiceSentence(receipt, phrases, agent),
    ...(relaxed && receipt.language !== undefined ? [phrases.languageLetGo(phrases.languages[receipt.language])] : []),
    ...exclusionSentences(receipt, phrases, agent),
  ];
}

function headStartSentence({ headStart }: Receipt, phrases: Phrases): string {
  if (headStart.parts.some(({ reason }) => reason === 'unknown-caller')) return phrases.unknownCaller;
  const parts = headStart.parts.filter(({ ms }) => ms !== 0);
  if (parts.length === 0) return phrases.noHeadStart;
  const sum = parts.reduce((total, { ms }) => total + ms, 0);
  return phrases.headStart({
    total: spell(headStart.ms, phrases),
    parts: parts.map(({ reason, ms }) => phrases.part(phrases.reasons[reason] ?? reason, spell(ms, phrases))),
    bounded: sum !== headStart.ms,
  });
}

function choiceSentence({ candidates, chosen, tieBreak }: Receipt, phrases: Phrases, agent: (agentId: UserId) => string): string {
  const name = agent(chosen);
  const idle = spell(candidates.find(({ agentId }) => agentId === chosen)?.idleMs ?? 0, phrases);
  switch (tieBreak) {
    case 'only-candidate': return phrases.onlyCandidate(name);
    case 'longest-idle': return phrases.longestIdle({ name, idle, candidates: candidates.length });
    case 'agent-id': return phrases.equallyIdle({ name, idle, candidates: candidates.length });
  }
}

/** One sentence per reason; whoever is not of the queue at all is not worth one. */
function exclusionSentences({ excluded }: Receipt, phrases: Phrases, agent: (agentId: UserId) => string): readonly string[] {
  const byReason = new Map<ExclusionReason, UserId[]>();
  for (const { agentId, reason } of excluded) {
    if (reason === 'not-in-queue') continue;
    byReason.set(reason, [...(byReason.get(reason) ?? []), agentId]);
  }
  return [...byReason].map(([reason, agents]) => {
    const named = agents.slice(0, MAX_NAMES).map(agent);
    const others = agents.length - named.length;
    return phrases.excluded(phrases.exclusions[reason], phrases.list(others === 0 ? named : [...named, phrases.others(others)]));
  });
}

function spell(ms: number, phrases: Phrases): string {
  const seconds = Math.round(Math.max(0, ms) / 1_000);
  return phrases.duration(Math.floor(seconds / 60), seconds % 60);
}
