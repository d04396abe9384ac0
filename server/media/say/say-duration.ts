import type { Milliseconds } from '../../base/time.ts';
import type { AudioSource } from '../../model/audio.ts';
import type { Language } from '../../model/language.ts';
import { GRAMMARS } from './grammars.ts';
import { NOUNS, type Counted } from './nouns.ts';
import { outOfRange, toSources } from './pieces.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Arabic has its pieces for so many days after a preposition; and nobody waits longer. */
const MAX_DURATION_MS = 100 * DAY_MS;

/**
 * Says how long something lasts: deux heures et cinq minutes.
 * @remarks Two units at most, the largest and the next: who hears "one day and two hours" wants no
 *   seconds. It is rounded to the smaller of them.
 * @param durationMs - 0 to less than 100 days.
 * @throws AppError `say.out-of-range`.
 */
export function sayDuration(durationMs: Milliseconds, language: Language): readonly AudioSource[] {
  return toSources(GRAMMARS[language].sum(partsOf(durationMs)), language);
}

/**
 * Says a range of time, as one announces a wait: entre deux et quatre minutes; moins de deux minutes when
 * it begins at zero; the one duration when both ends sound the same.
 * @param range - in milliseconds, `fromMs` not above `toMs`, both less than 100 days.
 * @throws AppError `say.out-of-range`.
 */
export function sayDurationRange(range: { readonly fromMs: Milliseconds; readonly toMs: Milliseconds }, language: Language): readonly AudioSource[] {
  if (range.fromMs > range.toMs) throw outOfRange('a range must not end before it begins', range);
  const [from, to] = [partsOf(range.fromMs), partsOf(range.toMs)];
  const grammar = GRAMMARS[language];
  if (isSame(from, to)) return toSources(grammar.sum(to), language);
  return toSources(from[0]?.value === 0 ? grammar.lessThan(to) : grammar.range(from, to), language);
}

/** The largest unit and the next, without those of which there is none; zero seconds for nothing at all. */
function partsOf(durationMs: Milliseconds): readonly Counted[] {
  if (!(durationMs >= 0 && durationMs < MAX_DURATION_MS)) throw outOfRange('only durations of less than 100 days can be said', { durationMs });
  const rounded = roundTo(durationMs, durationMs >= DAY_MS ? HOUR_MS : durationMs >= HOUR_MS ? MINUTE_MS : SECOND_MS);
  const parts = [
    { value: Math.floor(rounded / DAY_MS), noun: NOUNS.day },
    { value: Math.floor(rounded / HOUR_MS) % 24, noun: NOUNS.hour },
    { value: Math.floor(rounded / MINUTE_MS) % 60, noun: NOUNS.minute },
    { value: Math.floor(rounded / SECOND_MS) % 60, noun: NOUNS.second },
  ].filter(({ value }) => value > 0);
  return parts.length > 0 ? parts : [{ value: 0, noun: NOUNS.second }];
}

/** Down to the unit below the last one, so that 99.99 days stay below a hundred. */
const roundTo = (durationMs: Milliseconds, unitMs: Milliseconds): Milliseconds =>
  Math.min(Math.round(durationMs / unitMs) * unitMs, MAX_DURATION_MS - HOUR_MS);

const isSame = (one: readonly Counted[], other: readonly Counted[]): boolean =>
  one.length === other.length && one.every(({ value, noun }, index) => value === other[index]?.value && noun === other[index].noun);
