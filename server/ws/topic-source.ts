import type { TenantId } from '../model/ids.ts';
import type { LiveItem } from '../wire/live-item.ts';

/** What changed on a live page: items by key, and keys of items that are gone. */
export type TopicListener = (put: readonly LiveItem[], drop: readonly string[]) => void;

/** The wallboard of each tenant, as somebody else keeps it. */
export interface WallboardSource {
  /** Everything, as of now. */
  snapshot(tenantId: TenantId): readonly LiveItem[];
  /**
   * Hears of every change after the snapshot taken in the same turn of the event loop.
   * @returns a function that stops listening.
   */
  onDelta(tenantId: TenantId, listener: TopicListener): () => void;
}
