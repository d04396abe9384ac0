import type { UserId } from '../model/ids.ts';
import type { LiveItem } from '../wire/live-item.ts';

/**
 * The items of every agent's desk page, kept while she has no browser open, so that a reload
 * shows what was there. Bounded: one map per agent, one item per key of {@link LiveItem}.
 */
export class DeskItems {
  readonly #byAgent = new Map<UserId, Map<string, LiveItem>>();

  put(agentId: UserId, item: LiveItem): void {
    const items = this.#byAgent.get(agentId) ?? new Map<string, LiveItem>();
    items.set(item.key, item);
    this.#byAgent.set(agentId, items);
  }

  /** @returns whether there was such an item. */
  drop(agentId: UserId, key: string): boolean {
    return this.#byAgent.get(agentId)?.delete(key) ?? false;
  }

  find(agentId: UserId, key: string): LiveItem | undefined {
    return this.#byAgent.get(agentId)?.get(key);
  }

  list(agentId: UserId): readonly LiveItem[] {
    return [...(this.#byAgent.get(agentId)?.values() ?? [])];
  }
}
