/** What one row of SIPp's statistics says, counted since its start. */
export interface SippStatistics {
  readonly created: number;
  readonly succeeded: number;
  readonly retransmissions: number;
  /** Calls begun per second, while they were. */
  readonly achievedRate: number;
}

const COLUMNS = {
  created: 'TotalCallCreated', succeeded: 'SuccessfulCall(C)', retransmissions: 'Retransmissions(C)', achievedRate: 'CallRate(C)',
} as const;

/**
 * Reads the file that SIPp writes with `-trace_stat`.
 * @remarks The rate is that of the last row before all calls were begun: later rows average over a time in which none were.
 * @throws Error when a column is missing or there is no row.
 */
export function parseSippStatistics(text: string): SippStatistics {
  const [head = '', ...lines] = text.trim().split('\n');
  const names = head.split(';');
  const read = (line: string, column: string): number => {
    const value = Number(line.split(';')[names.indexOf(column)]);
    if (!Number.isFinite(value)) throw new Error(`SIPp's statistics have no ${column}: ${head}`);
    return value;
  };
  const last = lines.at(-1);
  if (last === undefined) throw new Error('SIPp wrote no statistics');
  const created = read(last, COLUMNS.created);
  const under = lines.findLast((line) => read(line, COLUMNS.created) > 0 && read(line, COLUMNS.created) < created) ?? last;
  return {
    created, succeeded: read(last, COLUMNS.succeeded), retransmissions: read(last, COLUMNS.retransmissions),
    achievedRate: read(under, COLUMNS.achievedRate),
  };
}
