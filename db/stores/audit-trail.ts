import type { EntityManager } from 'typeorm';
import type { AuditEntry, AuditTrail } from '../../server/call/recording/ports.ts';
import type { Connections } from '../connections.ts';
import { auditEntryEntity } from '../entities/recording-entities.ts';

/** Who did what, when, to what. */
export class DatabaseAuditTrail implements AuditTrail {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  add(entry: AuditEntry): Promise<void> {
    return this.#connections.write((manager) => insertAuditEntry(manager, entry));
  }

  update({ auditId, tenantId, details }: Pick<AuditEntry, 'auditId' | 'tenantId' | 'details'>): Promise<void> {
    return this.#connections.write(async (manager) => {
      await manager.update(auditEntryEntity, { auditId, tenantId: tenantId as string }, { details: JSON.stringify(details) });
    });
  }
}

/** Writes an entry within a transaction of something else. */
export async function insertAuditEntry(manager: EntityManager, { auditId, tenantId, at, actorId, action, subjectId, details }: AuditEntry): Promise<void> {
  await manager.insert(auditEntryEntity, { auditId, tenantId, at, actorId: actorId ?? null, action, subjectId, details: JSON.stringify(details) });
}
