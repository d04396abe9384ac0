import { FRAME_SAMPLES } from '../codec/frame.ts';

/**
 * Makes a frame longer by a period: what was heard last is repeated, and the frame's beginning
 * fades into the repetition. The frame's last `period` samples no longer fit and are left to the next.
 * @param frame - 160 samples, changed in place.
 * @param history - what was heard before, the latest at the end; at least `period` samples.
 */
export function repeatPeriod(frame: Int16Array, history: Int16Array, period: number): void {
  // The assertions of indices: a period is shorter than a frame and than the history.
  const start = frame.slice(0, period);
  frame.copyWithin(period, 0, FRAME_SAMPLES - period);
  for (let i = 0; i < period; i += 1) {
    const share = (i + 1) / (period + 1);
    frame[i] = Math.round((start[i] as number) * (1 - share) + (history[history.length - period + i] as number) * share);
  }
}

/**
 * Makes a frame of one that is longer by a period, which is faded over.
 * @param longer - 160 samples and at least `period` more.
 * @param into - 160 samples.
 */
export function dropPeriod(longer: Int16Array, into: Int16Array, period: number): void {
  into.set(longer.subarray(period, period + FRAME_SAMPLES));
  for (let i = 0; i < period; i += 1) {
    const share = (i + 1) / (period + 1);
    into[i] = Math.round((longer[i] as number) * (1 - share) + (into[i] as number) * share); // Within both, as above.
  }
}
