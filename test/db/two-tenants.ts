import type { Database } from '../../db/open-database.ts';
import {
  dispositionEntity, entryPointEntity, queueEntity, queueMemberEntity, tenantEntity, trunkEntity, userEntity,
} from '../../db/entities/centre-entities.ts';
import { caseEntity, contractEntity, customerEntity, customerNumberEntity, invoiceEntity, taskEntity } from '../../db/entities/customer-entities.ts';
import { foldText } from '../../db/fold-text.ts';
import { asId, type CustomerId, type QueueId, type TenantId, type UserId } from '../../server/model/ids.ts';
import type { E164 } from '../../server/model/phone-number.ts';

/** Two companies side by side, with the same names, numbers and codes wherever the tables allow it. */
export const ONE = asId<TenantId>('one');
export const TWO = asId<TenantId>('two');
export const BOTH = [ONE, TWO] as const;

/** The number that a customer of each tenant has. */
export const SHARED_NUMBER = '+213550000001' as E164;
export const CAROL = asId<CustomerId>('carol');

export const aliceOf = (tenantId: TenantId): UserId => asId<UserId>(`${tenantId}-alice`);
export const claimsOf = (tenantId: TenantId): QueueId => asId<QueueId>(`${tenantId}-claims`);

export const POLICY = {
  version: 3, headStartMsByTier: { platinum: 180_000, gold: 90_000, silver: 30_000, bronze: 0 }, churnHeadStartMs: 30_000,
  maxHeadStartMs: 240_000, ringTimeoutMs: 20_000, declineBackoffMs: 15_000, wrapUpMs: 60_000, serviceLevelThresholdMs: 20_000, serviceLevelTarget: 0.8,
};

/** Sets both companies up. */
export async function addTwoTenants(database: Database): Promise<void> {
  for (const tenantId of BOTH) await addTenant(database, tenantId);
}

async function addTenant({ connections }: Database, tenant: TenantId): Promise<void> {
  const tenantId: string = tenant;
  const userId: string = aliceOf(tenant);
  const queueId: string = claimsOf(tenant);
  await connections.write(async (manager) => {
    await manager.insert(tenantEntity, { tenantId, name: `Company ${tenantId}`, timeZone: 'Africa/Algiers', region: 'DZ', currency: 'DZD', createdAt: 1 });
    await manager.insert(userEntity, {
      userId, tenantId, username: `alice@${tenantId}`, displayName: `Alice of ${tenantId}`, role: 'agent', passwordHash: `hash-${tenantId}`,
      skills: '{"claims":80}', languages: '["fr","ar"]',
    });
    await manager.insert(queueEntity, { queueId, tenantId, key: 'claims', name: `Claims of ${tenantId}`, requiredSkill: 'claims', policy: JSON.stringify(POLICY) });
    await manager.insert(queueMemberEntity, { tenantId, userId, queueId });
    await manager.insert(trunkEntity, { trunkId: `${tenantId}-sip`, tenantId, name: 'SIP', kind: 'sip', addresses: '["10.0.0.0/8","::1/128"]', region: 'DZ', trustsAssertedIdentity: true });
    await manager.insert(entryPointEntity, { tenantId, number: '1000', name: `Main of ${tenantId}`, flowId: 'main-menu' });
    await manager.insert(dispositionEntity, { tenantId, code: 'bill', labelFr: 'Facture', labelAr: 'فاتورة', labelEn: `Bill of ${tenantId}`, sortOrder: 1 });
    await manager.insert(customerEntity, {
      tenantId, customerId: CAROL, displayName: `Carol Älaoui of ${tenantId}`, company: null, language: 'ar', tier: 'gold', tierReason: 'pays on time',
      valueScore: 81, churnLight: 'amber', assignedManagerId: userId, email: null, address: null, consentRecording: true, consentMarketing: false,
      optedOutChannels: '["sms"]', customFields: '{"Agency":"Oran"}', searchText: foldText(`Carol Älaoui of ${tenantId}`),
    });
    await manager.insert(customerNumberEntity, { tenantId, number: SHARED_NUMBER, customerId: CAROL, sortOrder: 1 });
    await manager.insert(customerNumberEntity, { tenantId, number: '+21321480101', customerId: CAROL, sortOrder: 0 });
    await manager.insert(contractEntity, { tenantId, number: 'AUT-1', customerId: CAROL, product: 'Motor', status: 'active', startedAt: 10, endsAt: null, premiumMinor: 4_500_000, premiumCurrency: 'DZD' });
    await manager.insert(caseEntity, { tenantId, number: 'SIN-1', customerId: CAROL, kind: 'claim', title: `Claim at ${tenantId}`, status: 'waiting-for-customer', openedAt: 20, closedAt: null });
    await manager.insert(invoiceEntity, { tenantId, number: 'Q-1', customerId: CAROL, label: 'Premium', amountMinor: 1_000, amountCurrency: 'DZD', dueAt: 30, paidAt: null });
    await manager.insert(taskEntity, { tenantId, taskId: 't-1', customerId: CAROL, title: 'Call back', kind: 'callback', dueAt: 40, doneAt: null, assigneeId: userId });
  });
}
