import { asId, type CallId, type CustomerId, type OfferId, type QueueId, type TenantId, type TrunkId, type UserId } from '../../../server/model/ids.ts';
import { epochMs } from '../../../server/base/time.ts';
import type { CustomerFile } from '../../../server/model/customer-file.ts';
import type { Disposition } from '../../../server/model/centre.ts';
import type { Interaction, InteractionSummary } from '../../../server/model/interaction.ts';
import type { E164 } from '../../../server/model/phone-number.ts';
import type { Receipt } from '../../../server/model/routing.ts';
import type { ScreenPop } from '../../../server/model/screen-pop.ts';
import type { AgentItem, QueueItem } from '../../../server/wire/live-item.ts';
import type { SessionView } from '../../../server/wire/api.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const ALICE_ID: UserId = asId('alice-id');
export const BACHIR_ID: UserId = asId('bachir-id');
export const CALL_ID: CallId = asId('call-1');
export const OFFER_ID: OfferId = asId('offer-1');
const CLAIMS: QueueId = asId('claims-id');

/** Alice, as the API says she is. */
export const ALICE: SessionView = { userId: ALICE_ID, username: 'alice', displayName: 'Alice Benali', role: 'agent', languages: ['fr', 'ar', 'en'], expiresAt: Date.now() + DAY };
/** Sam, who supervises. */
export const SAM: SessionView = { userId: 'sam-id', username: 'sam', displayName: 'Sam Haddad', role: 'supervisor', languages: ['fr'], expiresAt: Date.now() + DAY };

export const DISPOSITIONS: readonly Disposition[] = [
  { code: 'claim-opened', label: { fr: 'Sinistre déclaré', ar: 'تصريح بحادث', en: 'Claim declared' } },
  { code: 'claim-followed', label: { fr: 'Suivi de dossier', ar: 'متابعة ملف', en: 'Case followed up' } },
  { code: 'information', label: { fr: 'Information donnée', ar: 'إعطاء معلومة', en: 'Information given' } },
];

/** The receipt of an assignment to Alice, made at an instant. */
export function sampleReceipt(now: number, change: Partial<Receipt> = {}): Receipt {
  return {
    decidedAt: epochMs(now), snapshotHash: 'a'.repeat(64), policyVersion: 1, callId: CALL_ID, queueId: CLAIMS,
    key: now - 120_000, headStart: { ms: 90_000, parts: [{ reason: 'tier:gold', ms: 60_000 }, { reason: 'churn-red', ms: 30_000 }], policyVersion: 1 },
    waitedMs: 32_000, waiting: 3, position: 1,
    candidates: [{ agentId: ALICE_ID, idleMs: 240_000 }, { agentId: BACHIR_ID, idleMs: 65_000 }],
    excluded: [{ agentId: asId('carim-id'), reason: 'on-call' }, { agentId: asId('dina-id'), reason: 'not-in-queue' }],
    chosen: ALICE_ID, tieBreak: 'longest-idle',
    ...change,
  };
}

/** Lines of Carol's history. */
export function sampleTimeline(now: number): readonly InteractionSummary[] {
  const base = { channel: 'voice', direction: 'inbound', customerId: asId<CustomerId>('carol-id'), customerName: 'Carol Meziane', callingNumber: '+213550123456' } as const;
  return [
    { ...base, interactionId: asId('call-0'), startedAt: epochMs(now - 2 * DAY), endedAt: epochMs(now - 2 * DAY + 300_000), agentName: 'Bachir Saïdi', queueName: 'Sinistres', intent: 'claim', disposition: 'claim-followed', note: 'Attend le passage de l’expert. Promis de la rappeler avant jeudi.', talkMs: 245_000, waitMs: 18_000, termination: { result: 'caller', reason: 'caller-hung-up', q850: 16 } },
    { ...base, interactionId: asId('mail-0'), channel: 'email', direction: 'outbound', startedAt: epochMs(now - 5 * DAY), endedAt: epochMs(now - 5 * DAY), agentName: 'Alice Benali', note: 'Liste des pièces à fournir envoyée.' },
    { ...base, interactionId: asId('call-00'), startedAt: epochMs(now - 40 * DAY), endedAt: epochMs(now - 40 * DAY + 60_000), queueName: 'Service', intent: 'bill', waitMs: 95_000, termination: { result: 'caller', reason: 'abandoned-in-queue', q850: 16 } },
    { ...base, interactionId: asId('visit-0'), channel: 'visit', startedAt: epochMs(now - 210 * DAY), endedAt: epochMs(now - 210 * DAY), note: 'Signature du contrat habitation à l’agence d’Hydra.' },
  ];
}

/** Carol's whole file, at an instant. */
export function sampleFile(now: number): CustomerFile {
  // Casts because numbers are parsed elsewhere; these are written in full.
  return {
    customerId: asId('carol-id'), displayName: 'Carol Meziane', company: 'Meziane Transports SARL', language: 'fr', tier: 'gold', valueScore: 78, churnLight: 'red',
    assignedManagerId: BACHIR_ID, assignedManagerName: 'Bachir Saïdi', lastContactAt: epochMs(now - 2 * DAY), hasOpenCase: true, hasActiveContract: true,
    numbers: ['+213550123456' as E164, '+21321654321' as E164], email: 'carol@meziane.example', address: '12 rue Didouche Mourad, Alger',
    tierReason: '3 contrats en cours, cliente depuis 7 ans', 
    contracts: [
      { number: 'AUTO-2019-0042', product: 'Automobile flotte', status: 'active', startedAt: epochMs(now - 2500 * DAY), endsAt: epochMs(now + 120 * DAY), premium: { minor: 18_450_000, currency: 'DZD' } },
      { number: 'HAB-2024-1180', product: 'Habitation', status: 'active', startedAt: epochMs(now - 210 * DAY), endsAt: epochMs(now + 155 * DAY), premium: { minor: 2_300_000, currency: 'DZD' } },
      { number: 'VOY-2022-0007', product: 'Voyage', status: 'ended', startedAt: epochMs(now - 900 * DAY), endsAt: epochMs(now - 880 * DAY), premium: { minor: 450_000, currency: 'DZD' } },
    ],
    cases: [
      { number: 'SIN-2026-0815', kind: 'claim', title: 'Accrochage, camion 00123-115-16', status: 'open', openedAt: epochMs(now - 6 * DAY) },
      { number: 'REC-2025-0102', kind: 'complaint', title: 'Délai de remboursement', status: 'closed', openedAt: epochMs(now - 300 * DAY), closedAt: epochMs(now - 280 * DAY) },
    ],
    invoices: [
      { number: 'F-2026-2207', label: 'Prime automobile, 3e trimestre', amount: { minor: 4_612_500, currency: 'DZD' }, dueAt: epochMs(now - 12 * DAY) },
      { number: 'F-2026-2514', label: 'Prime automobile, 4e trimestre', amount: { minor: 4_612_500, currency: 'DZD' }, dueAt: epochMs(now + 20 * DAY) },
      { number: 'F-2026-1101', label: 'Prime habitation', amount: { minor: 2_300_000, currency: 'DZD' }, dueAt: epochMs(now - 100 * DAY), paidAt: epochMs(now - 104 * DAY) },
    ],
    orders: [{ number: 'CMD-311', label: 'Attestations, 12 exemplaires', status: 'shipped', placedAt: epochMs(now - 4 * DAY), amount: { minor: 120_000, currency: 'DZD' } }],
    tasks: [
      { id: 't1', title: 'Rappeler après le passage de l’expert', kind: 'promise', dueAt: epochMs(now - DAY), assigneeName: 'Bachir Saïdi' },
      { id: 't2', title: 'Envoyer la liste des pièces', kind: 'task', doneAt: epochMs(now - 5 * DAY), assigneeName: 'Alice Benali' },
    ],
    consent: { recording: true, marketing: false, optedOutChannels: ['sms'] },
    customFields: { Agence: 'Hydra', 'Véhicules assurés': '14' },
    timeline: sampleTimeline(now),
  };
}

/** The pop of Carol's call. */
export function samplePop(now: number, change: Partial<ScreenPop> = {}): ScreenPop {
  const file = sampleFile(now);
  return {
    offerId: OFFER_ID, callId: CALL_ID, calling: { kind: 'e164', number: '+213550123456' as E164, source: 'asserted' },
    match: { kind: 'one', candidate: { customer: file, reasons: ['only-match'] } }, file, language: 'fr', intent: 'claim',
    ivrPath: [
      { at: epochMs(now - 60_000), nodeId: 'welcome' },
      { at: epochMs(now - 55_000), nodeId: 'main-menu', input: 'no-input' },
      { at: epochMs(now - 45_000), nodeId: 'main-menu', input: '2' },
    ],
    queueName: 'Sinistres', enqueuedAt: epochMs(now - 32_000), waitedMs: 32_000, receipt: sampleReceipt(now), ringTimeoutMs: 20_000,
    ...change,
  };
}

/** The queues of the wallboard. */
export function sampleQueues(now: number): readonly QueueItem[] {
  const formula = '80 % répondus en 20 s = répondus ≤ 20 s / (répondus + abandonnés > 20 s)';
  return [
    { kind: 'queue', key: 'queue:claims-id', queueId: CLAIMS, name: 'Sinistres', waiting: 3, oldestEnqueuedAt: now - 74_000, offered: 1, enteredToday: 42, answeredToday: 35, abandonedToday: 3, serviceLevel: 0.74, serviceLevelFormula: formula, serviceLevelTarget: 0.8, agentsAvailable: 0 },
    { kind: 'queue', key: 'queue:sales-id', queueId: asId('sales-id'), name: 'Ventes', waiting: 0, offered: 0, enteredToday: 18, answeredToday: 18, abandonedToday: 0, serviceLevel: 0.94, serviceLevelFormula: formula, serviceLevelTarget: 0.8, agentsAvailable: 2 },
    { kind: 'queue', key: 'queue:service-id', queueId: asId('service-id'), name: 'Service', waiting: 1, oldestEnqueuedAt: now - 8_000, offered: 0, enteredToday: 0, answeredToday: 0, abandonedToday: 0, serviceLevelFormula: formula, serviceLevelTarget: 0.8, agentsAvailable: 1 },
  ];
}

/** The agents of the wallboard. */
export function sampleAgents(now: number): readonly AgentItem[] {
  return [
    { kind: 'agent', key: 'agent:alice-id', agentId: ALICE_ID, name: 'Alice Benali', state: 'on-call', since: now - 185_000, queueNames: ['Sinistres', 'Service'] },
    { kind: 'agent', key: 'agent:bachir-id', agentId: BACHIR_ID, name: 'Bachir Saïdi', state: 'available', since: now - 41_000, queueNames: ['Ventes', 'Service'] },
    { kind: 'agent', key: 'agent:carim-id', agentId: asId('carim-id'), name: 'Carim Ould', state: 'on-break', since: now - 610_000, breakReason: 'rona', queueNames: ['Sinistres'] },
    { kind: 'agent', key: 'agent:dina-id', agentId: asId('dina-id'), name: 'Dina Mansouri', state: 'wrap-up', since: now - 22_000, queueNames: ['Ventes'] },
  ];
}

/** Carol's call as the history has it. */
export function sampleInteraction(now: number): Interaction {
  return {
    interactionId: CALL_ID, channel: 'voice', direction: 'inbound', startedAt: epochMs(now - 600_000), endedAt: epochMs(now - 300_000), customerId: asId('carol-id'), customerName: 'Carol Meziane',
    callingNumber: '+213550123456', queueName: 'Sinistres', agentName: 'Alice Benali', intent: 'claim', disposition: 'claim-opened', note: 'Déclaration complète, expert demandé.', talkMs: 245_000, waitMs: 32_000,
    termination: { result: 'caller', reason: 'caller-hung-up', sipStatus: 200, q850: 16 },
    tenantId: asId<TenantId>('t'), trunkId: asId<TrunkId>('operator-1'), trunkSequence: 118, sipCallId: '7f3c2b@192.0.2.7', dialled: '1000',
    calling: { kind: 'e164', number: '+213550123456' as E164, source: 'asserted' }, language: 'fr', answeredAt: epochMs(now - 599_500),
    ivrPath: samplePop(now - 540_000).ivrPath,
    queueStays: [{ queueId: CLAIMS, queueName: 'Sinistres', enteredAt: epochMs(now - 580_000), key: now - 670_000, leftAt: epochMs(now - 548_000), exit: 'answered' }],
    offers: [
      { offerId: asId('offer-0'), agentId: BACHIR_ID, agentName: 'Bachir Saïdi', offeredAt: epochMs(now - 575_000), endedAt: epochMs(now - 555_000), outcome: 'timeout', receipt: sampleReceipt(now - 575_000, { chosen: BACHIR_ID, tieBreak: 'only-candidate' }) },
      { offerId: OFFER_ID, agentId: ALICE_ID, agentName: 'Alice Benali', offeredAt: epochMs(now - 554_000), endedAt: epochMs(now - 548_000), outcome: 'accepted', receipt: sampleReceipt(now - 554_000) },
    ],
    bridgedAt: epochMs(now - 547_800), bridgeEndedAt: epochMs(now - 300_000), agentId: ALICE_ID, holds: [{ from: epochMs(now - 450_000), to: epochMs(now - 420_000) }],
    wrapUpStartedAt: epochMs(now - 300_000), wrapUpEndedAt: epochMs(now - 270_000),
  };
}
