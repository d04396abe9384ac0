import { SAMPLES_PER_MS } from '../codec/frame.ts';
import { ArrivalWindow } from './arrival-window.ts';

/** Even the steadiest network gets this much: our own clock is not steadier. */
const MIN_DELAY = 20 * SAMPLES_PER_MS;
/** Later packets are given up: longer waits hurt a conversation more than the loss. */
export const MAX_DELAY = 200 * SAMPLES_PER_MS;
/** Before anything is known of the network. */
export const START_DELAY = 40 * SAMPLES_PER_MS;
/** The slowest packets shall come so long before their turn. */
const MARGIN = 10 * SAMPLES_PER_MS;
/** No change for less than this: too short by so much … */
const TOLERATED_LACK = 5 * SAMPLES_PER_MS;
/** … or too long by so much. */
const TOLERATED_EXCESS = 15 * SAMPLES_PER_MS;

/**
 * How long voice waits before it is heard: as long as the slowest packets need, and no longer.
 * @remarks The delay is that of the fastest packet from its arrival to its turn. It shall be the
 *   spread between the fastest and the slowest packets and a margin, from 20 to 200 ms. All in
 *   samples, by our clock, so that a sender whose clock is faster or slower shows as packets that
 *   come earlier or later by and by, and needs nothing of its own.
 */
export class DelayControl {
  readonly #window = new ArrivalWindow();
  #delay = START_DELAY;

  /** Begins without knowing anything. */
  clear(): void {
    this.#window.clear();
    this.#delay = START_DELAY;
  }

  /**
   * Takes what is known of a packet at its arrival.
   * @param slack - until the frame in which it is due; negative when it came too late.
   * @param wait - until it is heard.
   */
  note(slack: number, wait: number): void {
    this.#window.note(slack);
    this.#delay += (wait - this.#delay) / 16;
  }

  /** Everybody's turn was moved: later by so many samples, or earlier when negative. */
  shift(samples: number): void {
    this.#window.shift(samples);
    this.#delay += samples;
  }

  /** By how much everybody's turn should move: later when positive; 0 while it is well. */
  get wish(): number {
    if (this.#window.isEmpty) return 0;
    const { fastest } = this.#window;
    const lack = this.#targetFor(fastest) - fastest;
    return lack > TOLERATED_LACK || lack < -TOLERATED_EXCESS ? lack : 0;
  }

  /** What the delay should be. */
  get target(): number {
    return this.#window.isEmpty ? START_DELAY : this.#targetFor(this.#window.fastest);
  }

  /** How much longer the delay may become. */
  get room(): number {
    return this.#window.isEmpty ? MAX_DELAY : Math.max(0, MAX_DELAY - this.#window.fastest);
  }

  /** How long packets wait now until they are heard, on average. */
  get delay(): number { return this.#delay; }

  #targetFor(fastest: number): number {
    return Math.min(MAX_DELAY, Math.max(MIN_DELAY, fastest - this.#window.slowest + MARGIN));
  }
}
