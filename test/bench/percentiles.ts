/** The figures of a benchmark that a reader compares. */
export interface Percentiles {
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest-rank percentiles. @throws RangeError for no samples: a benchmark that measured nothing has no figures. */
export function percentilesOf(samples: readonly number[]): Percentiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (fraction: number): number => {
    const value = sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)];
    if (value === undefined) throw new RangeError('no samples');
    return value;
  };
  return { count: sorted.length, min: at(0), p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** The heads of {@link percentileCells}. */
export const PERCENTILE_COLUMNS = ['n', 'p50', 'p95', 'p99', 'max'] as const;

/** Samples in milliseconds as the cells of a table; dashes for none. */
export function percentileCells(samples: readonly number[]): readonly string[] {
  if (samples.length === 0) return ['0', '–', '–', '–', '–'];
  const { count, p50, p95, p99, max } = percentilesOf(samples);
  return [String(count), ...[p50, p95, p99, max].map((ms) => `${ms.toFixed(2)} ms`)];
}

/** One line for the terminal and for `docs/benchmarks.md`, in milliseconds. */
export const describePercentiles = ({ count, min, p50, p95, p99, max }: Percentiles): string =>
  `n ${count} · min ${min.toFixed(1)} · p50 ${p50.toFixed(1)} · p95 ${p95.toFixed(1)} · p99 ${p99.toFixed(1)} · max ${max.toFixed(1)} ms`;
