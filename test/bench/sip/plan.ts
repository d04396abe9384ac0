/** How long and how much the benchmark measures. */
export interface Plan {
  /** Shorter than what is recorded: for trying out. */
  readonly isShort: boolean;
  /** How long CPU is measured at each rate. */
  readonly windowS: number;
  /**
   * How long each rate is offered before the window opens: after 32 s, as many transactions end
   * as begin (timers H and J, RFC 3261 §17), and the server holds what it holds all day.
   */
  readonly rampS: number;
  /** Units of load before each measurement, the same for every rate: what the compiler learns from. */
  readonly warmUpUnits: number;
  readonly latencyS: number;
  readonly steadyS: number;
  readonly soakCalls: number;
  readonly dialogs: number;
  /** Base timer of the parts that wait for transactions to be gone; shorter in short runs. */
  readonly restT1Ms: number;
}

/** The rate of warm-ups, of the soak and of the steady load, per second. */
export const HIGH_RATE = 400;

/** What `docs/benchmarks.md` records. */
const WHOLE: Plan = {
  isShort: false, windowS: 20, rampS: 33, warmUpUnits: 4_000, latencyS: 60, steadyS: 120, soakCalls: 60_000, dialogs: 5_000, restT1Ms: 500,
};

/** @param seconds - shortens every measurement to so long; default: what is recorded. */
export function planOf(seconds?: number): Plan {
  if (seconds === undefined) return WHOLE;
  return {
    isShort: true, windowS: seconds, rampS: seconds, warmUpUnits: HIGH_RATE * seconds, latencyS: seconds, steadyS: seconds,
    soakCalls: HIGH_RATE * seconds, dialogs: 200 * seconds, restT1Ms: 50,
  };
}
