import type { Clock } from '../base/time.ts';
import type { CentreDirectory } from '../call/ports.ts';
import type { CallUsTarget } from '../http/http-services.ts';
import type { EntryPoint, Queue, Trunk, User } from '../model/centre.ts';
import type { DomainEvent } from '../model/events.ts';
import type { QueueId, TenantId } from '../model/ids.ts';
import { LiveView } from '../supervision/live-view.ts';
import type { TodaysFacts } from '../supervision/ports.ts';
import type { WallboardSource } from '../ws/topic-source.ts';

/** The set-up of the centre, read once at the start. */
export interface Floor {
  readonly trunks: readonly Trunk[];
  readonly queues: ReadonlyMap<QueueId, Queue>;
  readonly users: readonly User[];
  readonly entryPoints: readonly EntryPoint[];
  readonly tenants: readonly TenantId[];
}

/** Reads trunks, queues and users of every tenant that has a trunk. */
export async function readFloor(centre: CentreDirectory): Promise<Floor> {
  const trunks = await centre.listTrunks();
  const tenants = [...new Set(trunks.map(({ tenantId }) => tenantId))];
  const queues = new Map<QueueId, Queue>();
  const users: User[] = [];
  const entryPoints: EntryPoint[] = [];
  for (const tenantId of tenants) {
    for (const queue of await centre.listQueues(tenantId)) queues.set(queue.queueId, queue);
    users.push(...await centre.listUsers(tenantId));
    entryPoints.push(...await centre.listEntryPoints(tenantId));
  }
  return { trunks, queues, users, entryPoints, tenants };
}

/** Where the *call us* page leads: the first number of the first tenant with a web trunk; nowhere without one. */
export function callUsTarget({ trunks, entryPoints }: Floor): CallUsTarget | undefined {
  const trunk = trunks.find(({ kind }) => kind === 'web');
  const entry = entryPoints.find(({ tenantId }) => tenantId === trunk?.tenantId);
  return entry && { tenantId: entry.tenantId, dial: entry.number };
}

/** The wallboard of each tenant, kept up by the event log. */
export class Wallboard implements WallboardSource {
  readonly #views = new Map<TenantId, LiveView>();

  constructor(floor: Floor, options: { readonly timeZone: string; readonly clock: Clock }) {
    for (const tenantId of floor.tenants) {
      this.#views.set(tenantId, new LiveView({ ...options, tenantId, queues: [...floor.queues.values()], users: floor.users }));
    }
  }

  /** Counts today's past. @throws what `facts` throws. */
  async rebuild(facts: TodaysFacts): Promise<void> {
    for (const view of this.#views.values()) await view.rebuild(facts);
  }

  apply(event: DomainEvent): void {
    this.#views.get(event.tenantId)?.apply(event);
  }

  snapshot(tenantId: TenantId): ReturnType<WallboardSource['snapshot']> {
    return this.#views.get(tenantId)?.snapshot() ?? [];
  }

  onDelta(tenantId: TenantId, listener: Parameters<WallboardSource['onDelta']>[1]): () => void {
    return this.#views.get(tenantId)?.onDelta(({ put, drop }) => listener(put, drop)) ?? (() => undefined);
  }

  close(): void {
    for (const view of this.#views.values()) view.close();
  }
}
