import type { EpochMs, Milliseconds } from '../../base/time.ts';

/** What is known of one target. */
export interface TargetHealth {
  /** `unknown` until the first check: calls are sent there. */
  readonly state: 'unknown' | 'up' | 'down';
  /** When it came into this state. */
  readonly since: EpochMs;
  /** What the last failed check said, for instance `timeout`, `sip-503`. */
  readonly reason?: string;
  /** Checks in a row that speak against the present state. */
  readonly against: number;
  readonly lastCheckAt?: EpochMs;
  readonly roundTripMs?: Milliseconds;
}

/** What one check found. */
export type CheckResult =
  | { readonly kind: 'answered'; readonly roundTripMs: Milliseconds }
  | { readonly kind: 'failed'; readonly reason: string };

/** Failed checks in a row that take a target out, and good ones that bring it back: one lost packet does neither. */
export const CHECKS_TO_TURN = { down: 3, up: 2 } as const;

/**
 * Judges a target by one more check, with hysteresis.
 *   unknown -- first answer --> up <-- 2 answers --- down
 *      +---- 3 failures ------------ 3 failures ------^
 */
export function judge(health: TargetHealth, result: CheckResult, at: EpochMs): TargetHealth {
  const checked = { ...health, lastCheckAt: at, ...(result.kind === 'answered' ? { roundTripMs: result.roundTripMs } : { reason: result.reason }) };
  const says = result.kind === 'answered' ? 'up' : 'down';
  if (says === health.state) return { ...checked, against: 0 };
  const against = health.against + 1;
  const needed = health.state === 'unknown' && says === 'up' ? 1 : CHECKS_TO_TURN[says];
  return against >= needed ? { ...checked, state: says, since: at, against: 0 } : { ...checked, against };
}
