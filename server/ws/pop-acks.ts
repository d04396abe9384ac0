import type { Milliseconds } from '../base/time.ts';
import type { OfferId, UserId } from '../model/ids.ts';

interface Waiting {
  readonly agentId: UserId;
  readonly settle: (isShown: boolean) => void;
}

/** Waits for browsers to say that a pop is shown; bounded by the live offers, one per agent. */
export class PopAcks {
  readonly #waiting = new Map<OfferId, Waiting>();

  /** @returns whether the pop was confirmed in time; false at once when the wait is given up. Never rejects. */
  wait(agentId: UserId, offerId: OfferId, timeoutMs: Milliseconds): Promise<boolean> {
    this.giveUp(offerId);
    return new Promise((resolve) => {
      const settle = (isShown: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(offerId);
        resolve(isShown);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#waiting.set(offerId, { agentId, settle });
    });
  }

  /** A browser of the agent shows it. The first counts; what was not asked for is no harm. */
  confirm(agentId: UserId, offerId: OfferId): void {
    const waiting = this.#waiting.get(offerId);
    if (waiting?.agentId === agentId) waiting.settle(true);
  }

  giveUp(offerId: OfferId): void {
    this.#waiting.get(offerId)?.settle(false);
  }

  close(): void {
    for (const waiting of [...this.#waiting.values()]) waiting.settle(false);
  }
}
