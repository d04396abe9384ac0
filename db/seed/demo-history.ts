import { epochMs, type EpochMs } from '../../server/base/time.ts';
import { asId, type CallId, type CustomerId, type QueueId, type TenantId, type TrunkId, type UserId } from '../../server/model/ids.ts';
import type { Interaction } from '../../server/model/interaction.ts';
import { isE164 } from '../../server/model/phone-number.ts';
import { Q850 } from '../../server/model/termination.ts';
import type { InteractionRow } from '../entities/history-entities.ts';
import { toInteractionRow } from '../stores/interaction-row.ts';
import type { Calendar } from './calendar.ts';
import { DEMO_TENANT, demoQueueId, demoUserId } from './demo-centre.ts';
import type { DemoFile } from './demo-customers.ts';
import type { Dice } from './dice.ts';

/**
 * Where imported interactions say that they came from. No trunk of the centre has this name, and
 * their rows are marked `imported`: the proof counts calls that went through our trunks.
 */
export const IMPORT_TRUNK = 'import';

interface Reason {
  readonly intent: string;
  readonly queue: string;
  readonly agents: readonly string[];
  readonly disposition: string;
  readonly notes: readonly string[];
}

const REASONS: readonly Reason[] = [
  { intent: 'claim', queue: 'claims', agents: ['chahira', 'alice', 'djamel'], disposition: 'claim-follow-up', notes: ['Expertise prévue, client informé du délai.', 'Pièces reçues, dossier transmis à l’indemnisation.', 'ينتظر تقرير الخبير، تم إعلامه بالآجال.'] },
  { intent: 'claim', queue: 'claims', agents: ['chahira', 'alice'], disposition: 'claim-new', notes: ['Constat à envoyer par courriel, numéro de dossier communiqué.', 'تم فتح الملف وإرسال الرقم.'] },
  { intent: 'bill', queue: 'service', agents: ['djamel', 'bilal', 'alice'], disposition: 'bill', notes: ['Échéance confirmée, paiement en agence.', 'Demande un échelonnement, accord pour deux fois.', 'سيدفع هذا الأسبوع في الوكالة.'] },
  { intent: 'new-contract', queue: 'sales', agents: ['bilal', 'alice'], disposition: 'promotion', notes: ['Devis habitation envoyé, à rappeler.', 'Intéressé par l’assistance voyage, départ en été.'] },
  { intent: 'person', queue: 'service', agents: ['djamel', 'chahira', 'bilal'], disposition: 'information', notes: ['Horaires de l’agence.', 'Liste des cliniques conventionnées envoyée.', 'طلب قائمة العيادات المتعاقدة.'] },
  { intent: 'person', queue: 'service', agents: ['djamel', 'alice'], disposition: 'address-change', notes: ['Nouvelle adresse enregistrée.', 'Changement de véhicule, avenant à signer.'] },
];

const WRITTEN = [
  ['sms', 'outbound', 'Rappel d’échéance envoyé.'],
  ['email', 'inbound', 'Photos du véhicule reçues, jointes au dossier.'],
  ['email', 'outbound', 'Attestation envoyée en pièce jointe.'],
  ['visit', 'inbound', 'Passage en agence, signature de l’avenant.'],
] as const;

/** Earlier contacts of one customer, so that the first call already finds a story. */
export function demoHistory(file: DemoFile, { dice, calendar }: { readonly dice: Dice; readonly calendar: Calendar }): InteractionRow[] {
  const count = { platinum: 6, gold: 4, silver: 3, bronze: 2 }[file.customer.tier] ?? 1;
  return Array.from({ length: count + dice.between(0, 2) }, (_, index): InteractionRow => {
    const startedAt = epochMs(calendar.at(-dice.between(1 + index * 12, 20 + index * 26), dice.between(500, 1010)) + dice.between(0, 59) * 1000);
    const start = { file, index, startedAt, dice };
    const interaction = dice.chance(0.22) ? written(start) : dice.chance(0.12) ? abandoned(start) : spoken(start);
    return { ...toInteractionRow({ interaction, lastSeq: 0, lastAt: interaction.endedAt ?? startedAt }), imported: true };
  });
}

interface Start {
  readonly file: DemoFile;
  readonly index: number;
  readonly startedAt: EpochMs;
  readonly dice: Dice;
}

const after = (at: EpochMs, seconds: number): EpochMs => epochMs(at + seconds * 1000);

function base({ file: { customer, numbers }, index, startedAt }: Start): Interaction {
  const number = numbers[0]?.number ?? '';
  return {
    interactionId: asId<CallId>(`${customer.customerId}-i${String(index).padStart(2, '0')}`),
    tenantId: asId<TenantId>(DEMO_TENANT), channel: 'voice', direction: 'inbound', startedAt,
    customerId: asId<CustomerId>(customer.customerId), customerName: customer.displayName, callingNumber: number,
    trunkId: asId<TrunkId>(IMPORT_TRUNK), trunkSequence: 0, sipCallId: '', dialled: '1000',
    calling: isE164(number) ? { kind: 'e164', number, source: 'asserted' } : { kind: 'anonymous' },
    language: customer.language === 'ar' || customer.language === 'en' ? customer.language : 'fr',
    ivrPath: [], queueStays: [], offers: [], holds: [], bridges: [], wrapUps: [],
  };
}

function spoken(start: Start): Interaction {
  const { startedAt, dice } = start;
  const reason = dice.pick(REASONS);
  const agentId = asId<UserId>(demoUserId(dice.pick(reason.agents)));
  const answeredAt = after(startedAt, 2);
  const enteredAt = after(answeredAt, dice.between(12, 40));
  const bridgedAt = after(enteredAt, dice.chance(0.8) ? dice.between(3, 18) : dice.between(25, 140));
  const endedAt = after(bridgedAt, dice.between(55, 540));
  const wrapUpEndedAt = after(endedAt, dice.between(8, 55));
  const note = dice.chance(0.7) ? { note: dice.pick(reason.notes) } : {};
  return {
    ...base(start), answeredAt, bridgedAt, bridgeEndedAt: endedAt, endedAt, agentId,
    intent: reason.intent, disposition: reason.disposition, ...note,
    ivrPath: [{ at: after(answeredAt, 1), nodeId: 'main-menu', input: { sales: '1', claims: '2', service: '0' }[reason.queue] ?? '0' }],
    queueStays: [{ queueId: asId<QueueId>(demoQueueId(reason.queue)), enteredAt, key: enteredAt, leftAt: bridgedAt, exit: 'answered' }],
    bridges: [{ agentId, from: bridgedAt, to: endedAt, endedBy: 'caller' }],
    wrapUpStartedAt: endedAt, wrapUpEndedAt,
    wrapUps: [{ agentId, startedAt: endedAt, endedAt: wrapUpEndedAt, how: 'completed', disposition: reason.disposition, ...note }],
    waitMs: bridgedAt - enteredAt, talkMs: endedAt - bridgedAt,
    termination: { result: 'caller', reason: 'caller-hung-up', sipStatus: 200, q850: Q850.normalClearing },
  };
}

function abandoned(start: Start): Interaction {
  const { startedAt, dice } = start;
  const reason = dice.pick(REASONS);
  const enteredAt = after(startedAt, dice.between(15, 40));
  const endedAt = after(enteredAt, dice.between(30, 190));
  return {
    ...base(start), answeredAt: after(startedAt, 2), endedAt, intent: reason.intent, waitMs: endedAt - enteredAt,
    queueStays: [{ queueId: asId<QueueId>(demoQueueId(reason.queue)), enteredAt, key: enteredAt, leftAt: endedAt, exit: 'abandoned' }],
    termination: { result: 'caller', reason: 'abandoned-in-queue', q850: Q850.normalClearing },
  };
}

function written(start: Start): Interaction {
  const { startedAt, dice } = start;
  const [channel, direction, note] = dice.pick(WRITTEN);
  const contact = base(start);
  const number = channel === 'sms' ? {} : { calling: { kind: 'anonymous' } as const };
  return { ...contact, ...number, channel, direction, note, dialled: '', endedAt: startedAt };
}
