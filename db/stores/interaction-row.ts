import type { InteractionRecord } from '../../server/interaction/ports.ts';
import type { Interaction } from '../../server/model/interaction.ts';
import type { InteractionRow } from '../entities/history-entities.ts';

/** Whether recovery would have something to close: the call itself, some after-call work or a recording. */
export const isOpen = ({ endedAt, wrapUps, recordings }: Interaction): boolean =>
  [{ endedAt }, ...wrapUps ?? [], ...recordings ?? []].some((part) => part.endedAt === undefined);

/** The columns of an interaction that came from the ledger. */
export function toInteractionRow({ interaction, lastSeq, lastAt }: InteractionRecord): InteractionRow {
  const { termination } = interaction;
  return {
    callId: interaction.interactionId, tenantId: interaction.tenantId,
    trunkId: interaction.trunkId, trunkSequence: interaction.trunkSequence, imported: false,
    channel: interaction.channel, direction: interaction.direction,
    startedAt: interaction.startedAt, endedAt: interaction.endedAt ?? null, isOpen: isOpen(interaction),
    customerId: interaction.customerId ?? null, customerName: interaction.customerName ?? null,
    callingNumber: interaction.callingNumber ?? null,
    queueId: interaction.queueStays.at(-1)?.queueId ?? null, agentId: interaction.agentId ?? null,
    intent: interaction.intent ?? null, disposition: interaction.disposition ?? null, note: interaction.note ?? null,
    talkMs: interaction.talkMs ?? null, waitMs: interaction.waitMs ?? null,
    terminationResult: termination?.result ?? null, terminationReason: termination?.reason ?? null,
    sipStatus: termination?.sipStatus ?? null, q850: termination?.q850 ?? null,
    lastSeq, lastAt, record: JSON.stringify(interaction),
  };
}
