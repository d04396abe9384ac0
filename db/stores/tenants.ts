import { z } from 'zod';
import { asId, type TenantId } from '../../server/model/ids.ts';
import type { Connections } from '../connections.ts';
import { tenantEntity } from '../entities/centre-entities.ts';
import { parseRow } from '../parse/columns.ts';

/** A company that uses this installation, and where it lives. */
export interface Tenant {
  readonly tenantId: TenantId;
  readonly name: string;
  /** IANA name, for instance `Africa/Algiers`. */
  readonly timeZone: string;
  /** ISO 3166. */
  readonly region: string;
  /** ISO 4217. */
  readonly currency: string;
}

/** The tenants of an installation, for whoever works through all of them (recovery, proof). */
export interface TenantDirectory {
  listTenants(): Promise<readonly Tenant[]>;
}

const tenantSchema = z.object({
  tenantId: z.string().min(1).transform((id) => asId<TenantId>(id)), name: z.string(), timeZone: z.string().min(1),
  region: z.string().regex(/^[A-Z]{2}$/), currency: z.string().regex(/^[A-Z]{3}$/),
});

export class DatabaseTenants implements TenantDirectory {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  listTenants(): Promise<readonly Tenant[]> {
    return this.#connections.read(async (manager) => {
      const rows = await manager.find(tenantEntity, { order: { tenantId: 'ASC' } });
      return rows.map((row) => parseRow(tenantSchema, row, { table: 'tenants', id: row.tenantId }));
    });
  }
}
