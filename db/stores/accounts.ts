import type { EntityManager } from 'typeorm';
import type { Account, AccountStore } from '../../server/access/ports.ts';
import type { User } from '../../server/model/centre.ts';
import type { TenantId, UserId } from '../../server/model/ids.ts';
import type { Connections } from '../connections.ts';
import { queueMemberEntity, userEntity, type UserRow } from '../entities/centre-entities.ts';
import { toUser } from '../parse/centre.ts';

/** The people of all tenants, for sign-in and for the pages. */
export class DatabaseAccounts implements AccountStore {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  findByUsername(username: string): Promise<Account | undefined> {
    return this.#connections.read(async (manager) => {
      const row = await manager.findOneBy(userEntity, { username });
      return row ? { user: await withQueues(manager, row), passwordHash: row.passwordHash } : undefined;
    });
  }

  findById(userId: UserId): Promise<User | undefined> {
    return this.#connections.read(async (manager) => {
      const row = await manager.findOneBy(userEntity, { userId: userId as string });
      return row ? withQueues(manager, row) : undefined;
    });
  }

  listUsers(tenantId: TenantId): Promise<readonly User[]> {
    return this.#connections.read((manager) => listUsers(manager, tenantId));
  }
}

/** Everybody of one tenant, by name. */
export async function listUsers(manager: EntityManager, tenantId: TenantId): Promise<readonly User[]> {
  const where = { tenantId: tenantId as string };
  const rows = await manager.find(userEntity, { where, order: { displayName: 'ASC' } });
  const members = await manager.find(queueMemberEntity, { where, order: { queueId: 'ASC' } });
  return rows.map((row) => toUser(row, members.filter(({ userId }) => userId === row.userId).map(({ queueId }) => queueId)));
}

async function withQueues(manager: EntityManager, row: UserRow): Promise<User> {
  const members = await manager.find(queueMemberEntity, { where: { tenantId: row.tenantId, userId: row.userId }, order: { queueId: 'ASC' } });
  return toUser(row, members.map(({ queueId }) => queueId));
}
