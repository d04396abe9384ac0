import type { QueueItem } from '../../server/wire/live-item.ts';

/** The figures of all queues together. */
export interface WallSums {
  readonly waiting: number;
  readonly oldestEnqueuedAt: number | undefined;
  readonly offered: number;
  readonly enteredToday: number;
  readonly answeredToday: number;
  readonly abandonedToday: number;
}

/**
 * Adds up what can be added. Service levels of several queues are not averaged: they have
 * different thresholds, and a mean of ratios is nobody's level.
 */
export function sumQueues(queues: readonly QueueItem[]): WallSums {
  const total = (of: (queue: QueueItem) => number): number => queues.reduce((sum, queue) => sum + of(queue), 0);
  const oldest = queues.map((queue) => queue.oldestEnqueuedAt).filter((at) => at !== undefined);
  return {
    waiting: total((queue) => queue.waiting),
    oldestEnqueuedAt: oldest.length === 0 ? undefined : Math.min(...oldest),
    offered: total((queue) => queue.offered),
    enteredToday: total((queue) => queue.enteredToday),
    answeredToday: total((queue) => queue.answeredToday),
    abandonedToday: total((queue) => queue.abandonedToday),
  };
}
