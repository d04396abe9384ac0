import { formatClock } from '../format/clock.ts';
import { useNow } from '../live/now.ts';

/** How long ago something began, as a running clock. */
export function Elapsed({ since, ...rest }: { readonly since: number; readonly 'aria-label'?: string }) {
  return <span className="clock" role="timer" {...rest}>{formatClock(useNow() - since)}</span>;
}

/** How long is left until something is over, as a running clock; stops at zero. */
export function Remaining({ until }: { readonly until: number }) {
  return <span className="clock" role="timer">{formatClock(until - useNow())}</span>;
}
