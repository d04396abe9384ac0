import { digitsOneByOne } from '../digits-one-by-one.ts';
import { elidedRange } from '../elided-range.ts';
import type { Grammar } from '../grammar.ts';
import { joinWithAnd } from '../join-with-and.ts';
import type { Counted } from '../nouns.ts';
import type { Pieces } from '../pieces.ts';
import { englishDate, englishSpokenTime, englishTime } from './date-and-time.ts';
import { englishCount, englishNumber } from './number.ts';

const sum = (parts: readonly Counted[]): Pieces => joinWithAnd(parts.map(({ value, noun }) => englishCount(value, noun)));

/** British English. */
export const ENGLISH: Grammar = {
  number: englishNumber,
  sum,
  range: (from, to) => elidedRange({ number: englishNumber, count: englishCount }, from, to),
  lessThan: (parts) => ['less-than', ...sum(parts)],
  date: englishDate,
  time: { '24-hour': englishTime, spoken: englishSpokenTime },
  digitGroups: digitsOneByOne,
};
