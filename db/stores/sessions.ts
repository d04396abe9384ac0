import { LessThanOrEqual } from 'typeorm';
import { z } from 'zod';
import type { SessionStore, StoredSession } from '../../server/access/ports.ts';
import { AppError } from '../../server/base/app-error.ts';
import type { EpochMs } from '../../server/base/time.ts';
import { asId, type UserId } from '../../server/model/ids.ts';
import type { Connections } from '../connections.ts';
import { sessionEntity, userEntity } from '../entities/centre-entities.ts';
import { instant, parseRow } from '../parse/columns.ts';

const sessionSchema = z.object({
  tokenHash: z.string().min(1), userId: z.string().min(1).transform((id) => asId<UserId>(id)), createdAt: instant, expiresAt: instant,
});

/** Signed-in browsers, so that a restart signs nobody out. */
export class DatabaseSessions implements SessionStore {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** @throws AppError `db.unknown-user` when the user is gone. */
  insert(session: StoredSession): Promise<void> {
    const { tokenHash, createdAt, expiresAt } = session;
    const userId: string = session.userId;
    return this.#connections.write(async (manager) => {
      const user = await manager.findOneBy(userEntity, { userId });
      if (!user) throw new AppError({ code: 'db.unknown-user', category: 'bug', message: 'there is no such user', details: { userId } });
      await manager.insert(sessionEntity, { tokenHash, tenantId: user.tenantId, userId, createdAt, expiresAt });
    });
  }

  find(tokenHash: string): Promise<StoredSession | undefined> {
    return this.#connections.read(async (manager) => {
      const row = await manager.findOneBy(sessionEntity, { tokenHash });
      return row ? parseRow(sessionSchema, row, { table: 'sessions', id: tokenHash.slice(0, 8) }) : undefined;
    });
  }

  remove(tokenHash: string): Promise<void> {
    return this.#connections.write(async (manager) => {
      await manager.delete(sessionEntity, { tokenHash });
    });
  }

  removeExpired(now: EpochMs): Promise<void> {
    return this.#connections.write(async (manager) => {
      await manager.delete(sessionEntity, { expiresAt: LessThanOrEqual(now as number) });
    });
  }
}
