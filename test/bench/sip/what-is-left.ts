import type { ServerFigures } from './process/server-messages.ts';

/** A process of the engine when nothing is going on. */
export interface Rest {
  readonly figures: Pick<ServerFigures, 'resources' | 'held'>;
  readonly sockets: number;
}

/** What a process holds, in one line. */
export const describeRest = (rest: Rest): string => Object.entries(counts(rest)).map(([what, n]) => `${n} ${what}`).join(', ');

/** What there is more of than before, and what calls must never leave; empty when all is well. */
export function whatIsLeft(before: Rest, after: Rest): readonly string[] {
  const [was, is] = [counts(before), counts(after)];
  const allowed = (what: string): number => (CALLS_OWN.has(what) ? 0 : was[what] ?? 0);
  return Object.entries(is).filter(([what, n]) => !(n <= allowed(what))).map(([what, n]) => `${n} ${what}, ${allowed(what)} before`);
}

/** None of these may outlive its call. */
const CALLS_OWN: ReadonlySet<string> = new Set(['transactions', 'dialogs', 'connections']);

const counts = ({ figures: { held, resources }, sockets }: Rest): Readonly<Record<string, number>> =>
  ({ transactions: held?.transactions ?? NaN, dialogs: held?.dialogs ?? NaN, connections: held?.connections ?? NaN, sockets, ...resources });
