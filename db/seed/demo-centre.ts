import type { QueuePolicy, Role } from '../../server/model/centre.ts';
import type { Language } from '../../server/model/language.ts';
import type { DispositionRow, EntryPointRow, QueueMemberRow, QueueRow, TenantRow, TrunkRow, UserRow } from '../entities/centre-entities.ts';

/** The tenant of the demonstration. */
export const DEMO_TENANT = 'demo';

const POLICY: QueuePolicy = {
  version: 1,
  headStartMsByTier: { platinum: 180_000, gold: 90_000, silver: 30_000, bronze: 0 },
  churnHeadStartMs: 30_000,
  maxHeadStartMs: 240_000,
  ringTimeoutMs: 20_000,
  declineBackoffMs: 15_000,
  wrapUpMs: 60_000,
  serviceLevelThresholdMs: 20_000,
  serviceLevelTarget: 0.8,
};

/** Somebody of the demonstration's staff. */
export interface DemoUser {
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  readonly languages: readonly Language[];
  readonly skills: Readonly<Record<string, number>>;
  readonly queues: readonly string[];
}

/** Four agents, a supervisor, an administrator. */
export const DEMO_USERS: readonly DemoUser[] = [
  { username: 'alice', displayName: 'Alice Haddad', role: 'agent', languages: ['fr', 'ar', 'en'], skills: { sales: 60, claims: 80, service: 70 }, queues: ['sales', 'claims', 'service'] },
  { username: 'bilal', displayName: 'Bilal Cherif', role: 'agent', languages: ['fr', 'ar'], skills: { sales: 90, service: 60 }, queues: ['sales', 'service'] },
  { username: 'chahira', displayName: 'Chahira Mansouri', role: 'agent', languages: ['ar', 'fr'], skills: { claims: 95, service: 50 }, queues: ['claims', 'service'] },
  { username: 'djamel', displayName: 'Djamel Ouali', role: 'agent', languages: ['fr', 'en'], skills: { sales: 40, claims: 40, service: 80 }, queues: ['sales', 'claims', 'service'] },
  { username: 'sam', displayName: 'Sam Benali', role: 'supervisor', languages: ['fr', 'ar', 'en'], skills: {}, queues: [] },
  { username: 'amina', displayName: 'Amina Kaci', role: 'administrator', languages: ['fr', 'ar', 'en'], skills: {}, queues: [] },
];

const QUEUES: readonly (readonly [key: string, name: string, requiredSkill: string | null])[] = [
  ['sales', 'Souscriptions', 'sales'],
  ['claims', 'Sinistres', 'claims'],
  ['service', 'Service client', null],
];

/** Wrap-up codes by the taxonomy of requests: commercial, technical, administrative, claim, other. */
const DISPOSITIONS: readonly (readonly [code: string, fr: string, ar: string, en: string])[] = [
  ['subscription', 'Nouvelle souscription', 'اشتراك جديد', 'New subscription'],
  ['promotion', 'Promotion, devis', 'عرض ترويجي، عرض سعر', 'Promotion, quotation'],
  ['order-tracking', 'Suivi de commande', 'متابعة الطلب', 'Order tracking'],
  ['claim-new', 'Déclaration de sinistre', 'تصريح بحادث', 'New claim'],
  ['claim-follow-up', 'Suivi de dossier', 'متابعة ملف', 'Claim follow-up'],
  ['bill', 'Facture, paiement', 'فاتورة، دفع', 'Bill, payment'],
  ['renewal', 'Renouvellement de contrat', 'تجديد العقد', 'Contract renewal'],
  ['address-change', 'Changement d’adresse', 'تغيير العنوان', 'Address change'],
  ['fault', 'Panne, problème technique', 'عطل، مشكل تقني', 'Fault, technical problem'],
  ['complaint', 'Réclamation', 'شكوى', 'Complaint'],
  ['information', 'Renseignement', 'استعلام', 'Information'],
  ['suggestion', 'Suggestion', 'اقتراح', 'Suggestion'],
  ['emergency', 'Assistance, urgence', 'مساعدة، حالة طارئة', 'Assistance, emergency'],
  ['wrong-number', 'Erreur de numéro', 'رقم خاطئ', 'Wrong number'],
  ['other', 'Autre', 'أخرى', 'Other'],
];

/** Id of one of the demonstration's people, from the name that she signs in with. */
export const demoUserId = (username: string): string => `demo-${username}`;
/** Id of one of its queues, from the key that flows use. */
export const demoQueueId = (key: string): string => `demo-${key}`;

/** The rows of an insurer's centre. */
export interface DemoCentre {
  readonly tenant: TenantRow;
  readonly users: readonly UserRow[];
  readonly queues: readonly QueueRow[];
  readonly members: readonly QueueMemberRow[];
  readonly trunks: readonly TrunkRow[];
  readonly entryPoints: readonly EntryPointRow[];
  readonly dispositions: readonly DispositionRow[];
}

/**
 * Lays out the centre of the invented insurer.
 * @param passwordHashes - by username.
 */
export function demoCentre(now: number, passwordHashes: ReadonlyMap<string, string>): DemoCentre {
  const tenantId = DEMO_TENANT;
  return {
    tenant: { tenantId, name: 'Assurances El Amane', timeZone: 'Africa/Algiers', region: 'DZ', currency: 'DZD', createdAt: now },
    users: DEMO_USERS.map(({ username, displayName, role, skills, languages }) => ({
      userId: demoUserId(username), tenantId, username, displayName, role,
      passwordHash: passwordHashes.get(username) ?? '', skills: JSON.stringify(skills), languages: JSON.stringify(languages),
    })),
    queues: QUEUES.map(([key, name, requiredSkill]) => ({ queueId: demoQueueId(key), tenantId, key, name, requiredSkill, policy: JSON.stringify(POLICY) })),
    members: DEMO_USERS.flatMap(({ username, queues }) => queues.map((queue) => ({ tenantId, userId: demoUserId(username), queueId: demoQueueId(queue) }))),
    trunks: [
      { trunkId: 'loopback', tenantId, name: 'Cette machine', kind: 'sip', addresses: JSON.stringify(['127.0.0.0/8', '::1/128']), region: 'DZ', trustsAssertedIdentity: true },
      { trunkId: 'web', tenantId, name: 'Page « Appelez-nous »', kind: 'web', addresses: '[]', region: 'DZ', trustsAssertedIdentity: false },
    ],
    entryPoints: [{ tenantId, number: '1000', name: 'Numéro principal', flowId: 'main-menu' }],
    dispositions: DISPOSITIONS.map(([code, labelFr, labelAr, labelEn], sortOrder) => ({ tenantId, code, labelFr, labelAr, labelEn, sortOrder })),
  };
}
