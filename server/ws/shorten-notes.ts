import type { ScreenPop } from '../model/screen-pop.ts';

/** What of a note is read while it rings; the whole is one click away, in the history. */
const NOTE_LENGTH = 1_000;

/**
 * Cuts the long notes of the timeline: fifty of 10,000 characters would delay the pop that must
 * be there before the ring.
 */
export function shortenNotes(pop: ScreenPop): ScreenPop {
  if (!pop.file) return pop;
  const timeline = pop.file.timeline.map((line) =>
    line.note !== undefined && line.note.length > NOTE_LENGTH ? { ...line, note: `${line.note.slice(0, NOTE_LENGTH)}…` } : line);
  return { ...pop, file: { ...pop.file, timeline } };
}
