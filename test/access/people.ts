import type { Account, AccountStore, SessionStore, StoredSession } from '../../server/access/ports.ts';
import { hashPassword } from '../../server/access/passwords.ts';
import type { EpochMs } from '../../server/base/time.ts';
import type { Role, User } from '../../server/model/centre.ts';
import { asId, type TenantId, type UserId } from '../../server/model/ids.ts';

export const ATLAS = asId<TenantId>('atlas');
export const BARAKA = asId<TenantId>('baraka');

const person = (name: string, role: Role, tenantId: TenantId): User => ({
  userId: asId<UserId>(`user-${name}`), tenantId, username: name, displayName: name[0]?.toUpperCase() + name.slice(1), role,
  languages: ['en'], skills: {}, queueIds: [],
});

export const alice = person('alice', 'agent', ATLAS);
export const amina = person('amina', 'agent', ATLAS);
export const sam = person('sam', 'supervisor', ATLAS);
export const adam = person('adam', 'administrator', ATLAS);
export const badia = person('badia', 'agent', BARAKA);
export const basil = person('basil', 'supervisor', BARAKA);
export const EVERYBODY: readonly User[] = [alice, amina, sam, adam, badia, basil];

/** Everybody's password. */
export const PASSWORD = 'correct horse battery staple';

/** Hashed once: a hash costs tens of milliseconds by design. */
const passwordHash = hashPassword(PASSWORD);

/** Accounts in memory; can be told to fail. */
export class MemoryAccounts implements AccountStore {
  users: readonly User[] = EVERYBODY;
  fault: Error | undefined;

  async findByUsername(username: string): Promise<Account | undefined> {
    if (this.fault) throw this.fault;
    const user = this.users.find((candidate) => candidate.username === username);
    return user && { user, passwordHash: await passwordHash };
  }

  async findById(userId: UserId): Promise<User | undefined> {
    return this.users.find((user) => user.userId === userId);
  }

  async listUsers(tenantId: TenantId): Promise<readonly User[]> {
    return this.users.filter((user) => user.tenantId === tenantId);
  }
}

/** Sessions in memory. */
export class MemorySessions implements SessionStore {
  readonly stored = new Map<string, StoredSession>();

  async insert(session: StoredSession): Promise<void> {
    this.stored.set(session.tokenHash, session);
  }

  async find(tokenHash: string): Promise<StoredSession | undefined> {
    return this.stored.get(tokenHash);
  }

  async remove(tokenHash: string): Promise<void> {
    this.stored.delete(tokenHash);
  }

  async removeExpired(now: EpochMs): Promise<void> {
    for (const [hash, session] of this.stored) if (session.expiresAt <= now) this.stored.delete(hash);
  }
}
