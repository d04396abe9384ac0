import { FRAME_MS } from '../codec/frame.ts';

/** Frames that are made up for at once after a stall; more are given up (200 ms). */
const MAX_CATCH_UP = 10;

/** Monotonic time in milliseconds, with fractions. */
export type MonotonicClock = () => number;

/** How punctual the frames were. */
export interface TickerFigures {
  readonly ticks: number;
  /** Ticks that came more than 5 ms late. */
  readonly late: number;
  /** Frames given up after a stall. */
  readonly skipped: number;
}

/**
 * One heartbeat of 20 ms for all legs. It does not drift: each tick is due at a multiple of
 * 20 ms from the start, however late the one before was.
 */
export class Ticker {
  readonly #now: MonotonicClock;
  readonly #onTick: (tick: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #startedAtMs = 0;
  #due = 0;
  #tick = 0;
  #ticks = 0;
  #late = 0;
  #skipped = 0;

  /** @param onTick - gets the number of the frame, which grows by one each 20 ms. */
  constructor(now: MonotonicClock, onTick: (tick: number) => void) {
    this.#now = now;
    this.#onTick = onTick;
  }

  get isRunning(): boolean { return this.#timer !== undefined; }
  /** Number of the latest frame. */
  get tick(): number { return this.#tick; }
  figures(): TickerFigures { return { ticks: this.#ticks, late: this.#late, skipped: this.#skipped }; }

  /** Starts, unless it runs; frame numbers go on from where they were. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#startedAtMs = this.#now();
    this.#due = 1;
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    const inMs = this.#startedAtMs + this.#due * FRAME_MS - this.#now();
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, inMs));
  }

  #fire(): void {
    const elapsed = this.#now() - this.#startedAtMs;
    let dueFrames = Math.floor(elapsed / FRAME_MS) - this.#due + 1;
    // A timer may fire up to a millisecond early; that tick is due all the same.
    if (dueFrames === 0 && this.#due * FRAME_MS - elapsed <= 1) dueFrames = 1;
    if (dueFrames > MAX_CATCH_UP) {
      const given = dueFrames - MAX_CATCH_UP;
      this.#skipped += given;
      this.#due += given;
      this.#tick += given;
      dueFrames = MAX_CATCH_UP;
    }
    for (let i = 0; i < dueFrames; i += 1) {
      if (elapsed - this.#due * FRAME_MS > 5) this.#late += 1;
      this.#due += 1;
      this.#tick += 1;
      this.#ticks += 1;
      this.#onTick(this.#tick);
    }
    if (this.#timer !== undefined) this.#schedule();
  }
}
