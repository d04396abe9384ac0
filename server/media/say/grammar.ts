import type { CalendarDay, ClockTime } from './calendar.ts';
import type { Counted } from './nouns.ts';
import type { Pieces } from './pieces.ts';

/** `24-hour` as timetables say it, `spoken` as people do: *quatorze heures trente*, *deux heures et demie de l'après-midi*. */
export type ClockStyle = '24-hour' | 'spoken';

/** What one language knows how to say; figures are whole and known to be in range. */
export interface Grammar {
  /** A cardinal number as one counts. */
  readonly number: (value: number) => Pieces;
  /** Several things as one sum: *deux heures et cinq minutes*. */
  readonly sum: (parts: readonly Counted[]) => Pieces;
  /** The space between two sums: *entre deux et quatre minutes*. */
  readonly range: (from: readonly Counted[], to: readonly Counted[]) => Pieces;
  /** What lies below a sum: *moins de deux minutes*. */
  readonly lessThan: (sum: readonly Counted[]) => Pieces;
  readonly date: (date: CalendarDay, naming: { readonly weekday: boolean }) => Pieces;
  readonly time: Readonly<Record<ClockStyle, (time: ClockTime) => Pieces>>;
  /** A run of digits of a telephone number, leading zeros included, as the groups in which it is said. */
  readonly digitGroups: (digits: string) => readonly Pieces[];
}
