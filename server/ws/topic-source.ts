import type { TenantId } from '../model/ids.ts';
import type { LiveItem } from '../wire/live-item.ts';

/** What changed on a live page. */
export interface TopicDelta {
  readonly put: readonly LiveItem[];
  readonly drop: readonly string[];
}

/** The wallboard of each tenant, as somebody else keeps it. */
export interface WallboardSource {
  /** Everything, as of now. */
  snapshot(tenantId: TenantId): readonly LiveItem[];
  /**
   * Hears of every change after the snapshot taken in the same turn of the event loop.
   * @returns a function that stops listening.
   */
  onDelta(tenantId: TenantId, listener: (delta: TopicDelta) => void): () => void;
}
