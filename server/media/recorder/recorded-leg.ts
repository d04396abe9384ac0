import type { LegId } from '../../model/ids.ts';
import type { GainCell } from '../matrix/mix.ts';
import type { Beeper } from './beeper.ts';

/** A leg as recordings know it. */
export interface RecordedLeg {
  readonly legId: LegId;
  /** What it says in this tick: 160 samples, silence when it says nothing. True while it, or somebody who hears it, is recorded. */
  readonly voice: Int16Array;
  /** Its row of the matrix: whom it hears, how loud. */
  readonly heard: ReadonlyMap<RecordedLeg, Readonly<GainCell>>;
  /** From the next tick on its voice, and the voices that it hears, are decoded, until as many endings. */
  beginRecording(): void;
  endRecording(): void;
  /** Lets it hear the warning tone, or no longer. */
  setBeeper(beeper: Beeper | undefined): void;
}
