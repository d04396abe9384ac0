import { AppError } from '../base/app-error.ts';
import type { OfferId } from '../model/ids.ts';
import type { Offer, OfferOutcome, QueueEntry } from '../model/routing.ts';

/** A call in queue, as the story of that call holds it. Made by the dispatcher. */
export interface WaitingCall {
  /** As it entered; declines since then are in the store. */
  readonly entry: QueueEntry;
  /**
   * The next offer for this call. Whoever gets it settles it.
   * @param signal - stops waiting; until the next `nextOffer` the call is then passed over,
   *   and an offer claimed at that moment is settled as `rescinded`.
   * @throws the signal's reason when aborted; AppError `routing.left-queue` once the call left
   *   or an offer was accepted, `routing.dispatcher-closed`, `routing.already-asked` when an
   *   earlier `nextOffer` still waits.
   */
  nextOffer(signal: AbortSignal): Promise<Offer>;
  /** Ends the live offer; all but `accepted` put the call back at its place. Idempotent. */
  settle(offerId: OfferId, outcome: OfferOutcome): Promise<void>;
  /** Takes the call out of the queue; an offer that is still live ends as `rescinded`. Idempotent; rejects when the store does, and may then be tried again. */
  leave(): Promise<void>;
}

/** What a held call asks of its dispatcher. */
export interface HeldCallHost {
  settle(call: HeldCall, offerId: OfferId, outcome: OfferOutcome): Promise<void>;
  leave(call: HeldCall): Promise<void>;
  /** The call wants offers again: a decision is due. */
  resumed(call: HeldCall): void;
}

interface Waiter {
  readonly resolve: (offer: Offer) => void;
  readonly reject: (reason: unknown) => void;
  readonly stop: () => void;
}

/**
 * One waiting call and the offer on its way to it. Between two offers the call stays wanting,
 * so that a later caller does not slip past it while its story takes a turn of the loop.
 */
export class HeldCall implements WaitingCall {
  readonly entry: QueueEntry;
  readonly #host: HeldCallHost;
  #interest: 'wanting' | 'paused' | 'over' = 'wanting';
  #over: AppError | undefined;
  #waiter: Waiter | undefined;
  /** Claimed, and not asked for yet. */
  #undelivered: Offer | undefined;
  #liveOfferId: OfferId | undefined;
  #leaving: Promise<void> | undefined;

  constructor(entry: QueueEntry, host: HeldCallHost) {
    this.entry = entry;
    this.#host = host;
  }

  /** Whether the dispatcher may claim an offer for it. */
  get wantsOffers(): boolean {
    return this.#interest === 'wanting';
  }

  /** The offer that was claimed for it and is not settled. */
  get liveOfferId(): OfferId | undefined {
    return this.#liveOfferId;
  }

  nextOffer(signal: AbortSignal): Promise<Offer> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    if (this.#waiter !== undefined) {
      return Promise.reject(fault('already-asked', 'the call waits for its next offer already'));
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiter = undefined;
        this.#interest = 'paused';
        reject(signal.reason as Error); // Typed any by the platform; passed on as it is.
      };
      if (signal.aborted) {
        this.#rescindUndelivered();
        onAbort();
        return;
      }
      const offer = this.#undelivered;
      if (offer !== undefined) {
        this.#undelivered = undefined;
        resolve(offer);
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiter = { resolve, reject, stop: () => signal.removeEventListener('abort', onAbort) };
      if (this.#interest === 'paused') {
        this.#interest = 'wanting';
        this.#host.resumed(this);
      }
    });
  }

  settle(offerId: OfferId, outcome: OfferOutcome): Promise<void> {
    return this.#host.settle(this, offerId, outcome);
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#host.leave(this).catch((cause: unknown) => {
      this.#leaving = undefined; // The next attempt asks the store again.
      throw cause;
    });
    return this.#leaving;
  }

  /**
   * Hands over a claimed offer.
   * @returns whether the call takes it; if not, the dispatcher ends it as `rescinded`.
   */
  deliver(offer: Offer): boolean {
    if (this.#interest !== 'wanting') return false;
    this.#liveOfferId = offer.offerId;
    const waiter = this.#waiter;
    if (waiter === undefined) {
      this.#undelivered = offer;
      return true;
    }
    this.#waiter = undefined;
    waiter.stop();
    waiter.resolve(offer);
    return true;
  }

  /** Forgets an offer that was settled. */
  settled(offerId: OfferId): void {
    if (this.#liveOfferId === offerId) this.#liveOfferId = undefined;
    if (this.#undelivered?.offerId === offerId) this.#undelivered = undefined;
  }

  /** The call is out of the queue, or the dispatcher closes: nobody waits for an offer any more. */
  end(why: 'left-queue' | 'dispatcher-closed'): void {
    if (this.#over !== undefined) return;
    this.#over = why === 'left-queue'
      ? fault(why, 'the call has left its queue')
      : fault(why, 'the dispatcher is closed');
    this.#interest = 'over';
    this.#waiter?.stop();
    this.#waiter?.reject(this.#over);
    this.#waiter = undefined;
  }

  #rescindUndelivered(): void {
    const offer = this.#undelivered;
    this.#undelivered = undefined;
    // The dispatcher reports a failure of the store itself.
    if (offer !== undefined) void this.#host.settle(this, offer.offerId, 'rescinded').catch(() => undefined);
  }
}

const fault = (what: string, message: string): AppError => new AppError({ code: `routing.${what}`, category: 'bug', message });
