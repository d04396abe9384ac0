import type { Scope } from '../../../server/base/scope.ts';
import type { Plan } from './plan.ts';
import type { Report } from './report.ts';

/** What every part of the benchmark works with. */
export interface Bench {
  readonly plan: Plan;
  readonly report: Report;
  /** Of the part: what it starts ends with it. */
  readonly scope: Scope;
}

/** A part of the benchmark that can be run alone. */
export type Part = (bench: Bench) => Promise<void>;
