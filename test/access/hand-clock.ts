import { epochMs, type Clock, type EpochMs } from '../../server/base/time.ts';

/** A wall clock that stands still until it is moved. */
export class HandClock {
  #now = Date.UTC(2026, 0, 5, 8, 0, 0);

  readonly read: Clock = () => this.now;

  get now(): EpochMs {
    return epochMs(this.#now);
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
