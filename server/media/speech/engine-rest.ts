import { AppError } from '../../base/app-error.ts';
import type { Clock, Milliseconds } from '../../base/time.ts';
import { SPEECH_MISSING } from './speech-engine.ts';

const FAILURES_BEFORE_REST = 3;
const REST_MS: Milliseconds = 30_000;

/**
 * Leaves an engine alone that fails: after three failures in a row nobody waits for it for half a minute,
 * then one text tries again. One that is not there at all is never tried again.
 */
export class EngineRest {
  readonly #clock: Clock;
  #failures = 0;
  #restsUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isResting(): boolean { return this.#clock() < this.#restsUntil; }

  noteSuccess(): void {
    this.#failures = 0;
  }

  noteFailure(cause: unknown): void {
    this.#failures += 1;
    if (cause instanceof AppError && cause.code === SPEECH_MISSING) this.#restsUntil = Number.POSITIVE_INFINITY;
    else if (this.#failures >= FAILURES_BEFORE_REST) this.#restsUntil = this.#clock() + REST_MS;
  }
}
