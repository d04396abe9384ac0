import type { CentreDirectory } from '../../server/call/ports.ts';
import type { Disposition, EntryPoint, Queue, Trunk, User } from '../../server/model/centre.ts';
import type { TenantId } from '../../server/model/ids.ts';
import type { Connections } from '../connections.ts';
import { dispositionEntity, entryPointEntity, queueEntity, trunkEntity } from '../entities/centre-entities.ts';
import { toDisposition, toEntryPoint, toQueue, toTrunk } from '../parse/centre.ts';
import { listUsers } from './accounts.ts';

/** What the administrators set up: trunks, numbers, queues, people, reason codes. */
export class DatabaseCentre implements CentreDirectory {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  listTrunks(): Promise<readonly Trunk[]> {
    return this.#connections.read(async (manager) => {
      const rows = await manager.find(trunkEntity, { order: { tenantId: 'ASC', trunkId: 'ASC' } });
      return rows.map(toTrunk);
    });
  }

  findEntryPoint(tenantId: TenantId, dialled: string): Promise<EntryPoint | undefined> {
    return this.#connections.read(async (manager) => {
      const row = await manager.findOneBy(entryPointEntity, { tenantId: tenantId as string, number: dialled });
      return row ? toEntryPoint(row) : undefined;
    });
  }

  listEntryPoints(tenantId: TenantId): Promise<readonly EntryPoint[]> {
    return this.#connections.read(async (manager) => {
      const rows = await manager.find(entryPointEntity, { where: { tenantId: tenantId as string }, order: { number: 'ASC' } });
      return rows.map(toEntryPoint);
    });
  }

  listQueues(tenantId: TenantId): Promise<readonly Queue[]> {
    return this.#connections.read(async (manager) => {
      const rows = await manager.find(queueEntity, { where: { tenantId: tenantId as string }, order: { key: 'ASC' } });
      return rows.map(toQueue);
    });
  }

  listUsers(tenantId: TenantId): Promise<readonly User[]> {
    return this.#connections.read((manager) => listUsers(manager, tenantId));
  }

  listDispositions(tenantId: TenantId): Promise<readonly Disposition[]> {
    return this.#connections.read(async (manager) => {
      const rows = await manager.find(dispositionEntity, { where: { tenantId: tenantId as string }, order: { sortOrder: 'ASC' } });
      return rows.map(toDisposition);
    });
  }
}
