import { Scope } from '../../../server/base/scope.ts';
import type { Load, Offered } from './load/load.ts';
import { measure, type Measured } from './measure.ts';
import type { Bench } from './part.ts';
import type { ApplicationSettings } from './process/server-messages.ts';
import { ARRANGEMENTS, ServerUnderTest, type Arrangement } from './server-under-test.ts';

/** A load that is measured at several rates, each on a server of its own, in both arrangements. */
export interface Comparison {
  readonly what: string;
  readonly rates: readonly number[];
  /** Seconds; default that of the plan. */
  readonly windowS?: number;
  readonly application: ApplicationSettings;
  readonly load: (scope: Scope, server: ServerUnderTest) => Load;
}

/** One row of a {@link Comparison}. */
export interface Row {
  readonly arrangement: Arrangement;
  readonly rate: number;
  readonly offered: Offered;
}

const COLUMNS = ['load', 'offered', 'achieved', 'processes', 'engine', 'application', 'whole', 'generator', 'failed', 'sent again'];

/** Prints CPU per unit at each rate. @returns what was offered, for what else a part prints of it. */
export async function compareRates(bench: Bench, comparison: Comparison): Promise<readonly Row[]> {
  const { what, rates, application, load, windowS = bench.plan.windowS } = comparison;
  const print = bench.report.table(`${what}: CPU of one`, COLUMNS);
  const rows: Row[] = [];
  for (const arrangement of ARRANGEMENTS) {
    for (const rate of rates) {
      const scope = new Scope();
      bench.scope.onClose(() => scope.close());
      const server = await ServerUnderTest.start(scope, { arrangement, application });
      const measured = await measure(bench, { server, load: load(scope, server), rate, windowS });
      await scope.close();
      print(what, `${rate}/s`, ...cells(arrangement, measured));
      rows.push({ arrangement, rate, offered: measured.offered });
    }
  }
  return rows;
}

function cells(arrangement: Arrangement, { offered, cpuMs, generatorMs }: Measured): readonly string[] {
  const [engineMs, applicationMs] = cpuMs.length > 1 ? cpuMs : [];
  const wholeMs = cpuMs.reduce((sum, ms) => sum + ms, 0);
  return [
    `${offered.achievedRate.toFixed(1)}/s`, arrangement, ...[engineMs, applicationMs, wholeMs, generatorMs].map(milliseconds),
    String(offered.failed), String(offered.retransmissions),
  ];
}

/** CPU time for a table. */
export const milliseconds = (ms: number | undefined): string => (ms === undefined ? '–' : `${ms.toFixed(3)} ms`);
