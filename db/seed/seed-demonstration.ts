import type { EntityManager, EntitySchema, ObjectLiteral } from 'typeorm';
import type { Clock } from '../../server/base/time.ts';
import type { Connections } from '../connections.ts';
import {
  dispositionEntity, entryPointEntity, queueEntity, queueMemberEntity, tenantEntity, trunkEntity, userEntity,
} from '../entities/centre-entities.ts';
import {
  caseEntity, contractEntity, customerEntity, customerNumberEntity, invoiceEntity, orderEntity, taskEntity,
} from '../entities/customer-entities.ts';
import { interactionEntity, seedMarkerEntity } from '../entities/history-entities.ts';
import { Calendar } from './calendar.ts';
import { DEMO_TENANT, DEMO_USERS, demoCentre } from './demo-centre.ts';
import { demoFile } from './demo-customers.ts';
import { demoHistory } from './demo-history.ts';
import { DEMO_PEOPLE } from './demo-people.ts';
import { Dice } from './dice.ts';

/** What the seed needs from outside: `db` knows nothing of how passwords are kept. */
export interface SeedOptions {
  readonly clock: Clock;
  /** Of all demonstration users. */
  readonly password: string;
  readonly hashPassword: (password: string) => Promise<string>;
}

const MARKER = 'demonstration';

/**
 * Fills a new database with the demonstration centre of an invented insurer; once.
 * @returns whether it did: `already` when the marker is there, or when the database has a tenant
 *   of its own.
 */
export async function seedDemonstration({ connections }: { readonly connections: Connections }, options: SeedOptions): Promise<'seeded' | 'already'> {
  if (!await connections.read(isEmpty)) return 'already';
  const passwordHashes = new Map<string, string>();
  for (const { username } of DEMO_USERS) passwordHashes.set(username, await options.hashPassword(options.password));
  return connections.write(async (manager) => {
    // Asked again inside the transaction: two starts at once must not seed twice.
    if (!await isEmpty(manager)) return 'already';
    const now: number = options.clock();
    await insertCentre(manager, now, passwordHashes);
    await insertCustomers(manager, now);
    await manager.insert(seedMarkerEntity, { name: MARKER, tenantId: DEMO_TENANT, seededAt: now });
    return 'seeded';
  });
}

const isEmpty = async (manager: EntityManager): Promise<boolean> =>
  await manager.countBy(seedMarkerEntity, { name: MARKER }) === 0 && await manager.count(tenantEntity) === 0;

async function insertCentre(manager: EntityManager, now: number, passwordHashes: ReadonlyMap<string, string>): Promise<void> {
  const centre = demoCentre(now, passwordHashes);
  await manager.insert(tenantEntity, centre.tenant);
  await insertAll(manager, userEntity, centre.users);
  await insertAll(manager, queueEntity, centre.queues);
  await insertAll(manager, queueMemberEntity, centre.members);
  await insertAll(manager, trunkEntity, centre.trunks);
  await insertAll(manager, entryPointEntity, centre.entryPoints);
  await insertAll(manager, dispositionEntity, centre.dispositions);
}

async function insertCustomers(manager: EntityManager, now: number): Promise<void> {
  const chance = { dice: new Dice(1830), calendar: new Calendar(now) };
  const files = DEMO_PEOPLE.map((person, index) => demoFile(person, index + 1, chance));
  await insertAll(manager, customerEntity, files.map(({ customer }) => customer));
  await insertAll(manager, customerNumberEntity, files.flatMap(({ numbers }) => numbers));
  await insertAll(manager, contractEntity, files.flatMap(({ contracts }) => contracts));
  await insertAll(manager, caseEntity, files.flatMap(({ cases }) => cases));
  await insertAll(manager, invoiceEntity, files.flatMap(({ invoices }) => invoices));
  await insertAll(manager, orderEntity, files.flatMap(({ orders }) => orders));
  await insertAll(manager, taskEntity, files.flatMap(({ tasks }) => tasks));
  await insertAll(manager, interactionEntity, files.flatMap((file) => demoHistory(file, chance)));
}

/** Inserts in statements of a bounded size. */
async function insertAll<T extends ObjectLiteral>(manager: EntityManager, entity: EntitySchema<T>, rows: readonly T[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 100) {
    await manager.createQueryBuilder().insert().into(entity).values(rows.slice(at, at + 100)).updateEntity(false).execute();
  }
}
