import type { EpochMs } from '../base/time.ts';
import type { TenantId } from '../model/ids.ts';
import type { CallEvent } from '../model/events.ts';

/** Where the live figures of today are rebuilt from after a restart. Implemented in `db`. */
export interface TodaysFacts {
  /** Queue facts (`queue.entered`, `queue.left`, `bridge.started`) since an instant, in order. */
  queueFactsSince(tenantId: TenantId, since: EpochMs): Promise<readonly CallEvent[]>;
}
