import type { LiveItem } from './live-item.ts';

/** What {@link TopicMirror} says of a frame. */
export type MirrorOutcome = 'applied' | 'duplicate' | 'gap';

/** The browser's copy of one topic: a snapshot, then deltas in sequence. */
export class TopicMirror {
  #items = new Map<string, LiveItem>();
  #seq = -1;

  /** The items by key, as of the last applied frame. */
  get items(): ReadonlyMap<string, LiveItem> {
    return this.#items;
  }

  /** Replaces everything. */
  snapshot(seq: number, items: readonly LiveItem[]): void {
    this.#items = new Map(items.map((item) => [item.key, item]));
    this.#seq = seq;
  }

  /** @returns `gap` when a delta is missing: nothing is applied, ask for a new snapshot. */
  delta(seq: number, put: readonly LiveItem[], drop: readonly string[]): MirrorOutcome {
    if (this.#seq < 0) return 'gap';
    if (seq <= this.#seq) return 'duplicate';
    if (seq !== this.#seq + 1) return 'gap';
    const next = new Map(this.#items);
    for (const key of drop) next.delete(key);
    for (const item of put) next.set(item.key, item);
    this.#items = next;
    this.#seq = seq;
    return 'applied';
  }
}
