import type { ExclusionReason, Receipt } from '../../server/model/routing.ts';
import type { Formats } from '../format/formats.ts';
import { hasText, type Translate } from '../i18n/translate.ts';

/** What a receipt is told with. */
export interface ReceiptTelling {
  readonly t: Translate;
  readonly f: Formats;
  /** Names of agents by id, as far as the reader knows them. */
  readonly nameOf: (agentId: string) => string | undefined;
  /** Who reads: the agent who was chosen is told "you". */
  readonly readerId?: string;
}

/** Why a call went where it went, in sentences, the most important first. */
export function tellReceipt(receipt: Receipt, telling: ReceiptTelling): readonly string[] {
  const { t, f } = telling;
  const sentences = [tellChoice(receipt, telling)];
  const ahead = receipt.headStart.ms;
  sentences.push(ahead > 0
    ? t('why.head-start', { duration: f.span(ahead), reasons: tellParts(receipt, telling) })
    : t('why.no-head-start'));
  sentences.push(t('why.position', { position: receipt.position, waiting: receipt.waiting, waited: f.span(receipt.waitedMs) }));
  const excluded = tellExcluded(receipt, telling);
  if (excluded !== '') sentences.push(t('why.excluded', { reasons: excluded }));
  return sentences;
}

function tellChoice({ chosen, tieBreak, candidates }: Receipt, { t, f, nameOf, readerId }: ReceiptTelling): string {
  const idle = f.span(candidates.find((candidate) => candidate.agentId === chosen)?.idleMs ?? 0);
  const values = { count: candidates.length, idle };
  return chosen === readerId
    ? t(`why.${tieBreak}`, values)
    : t(`why.other-${tieBreak}`, { ...values, agent: nameOf(chosen) ?? chosen });
}

function tellParts({ headStart }: Receipt, { t, f }: ReceiptTelling): string {
  return headStart.parts
    .filter((part) => part.ms > 0)
    .map((part) => t('why.part', { reason: tellPart(part.reason, t), duration: f.span(part.ms) }))
    .join(', ');
}

/** A reason that this page does not know yet is shown as the server wrote it. */
function tellPart(reason: string, t: Translate): string {
  if (reason.startsWith('tier:')) {
    const key = `tier.${reason.slice('tier:'.length)}`;
    return t('why.tier', { tier: hasText(key) ? t(key) : reason });
  }
  const key = `why.${reason}`;
  return hasText(key) ? t(key) : reason;
}

/** Named where the names are known, else counted; agents of other queues explain nothing. */
function tellExcluded({ excluded }: Receipt, { t, f, nameOf }: ReceiptTelling): string {
  const byReason = new Map<ExclusionReason, string[]>();
  for (const { agentId, reason } of excluded) {
    if (reason !== 'not-in-queue') byReason.set(reason, [...(byReason.get(reason) ?? []), agentId]);
  }
  return [...byReason]
    .map(([reason, ids]) => {
      const names = ids.map(nameOf).filter((name) => name !== undefined);
      return t(`excluded.${reason}`, { agents: names.length === ids.length ? names.join(', ') : f.number(ids.length) });
    })
    .join(' · ');
}
