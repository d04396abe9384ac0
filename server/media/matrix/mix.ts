import { clip16, FRAME_SAMPLES } from '../codec/frame.ts';

/** One cell of the matrix as the mixer sees it: where its gain is, and where it goes. */
export interface GainCell {
  gain: number;
  target: number;
}

/**
 * Adds one frame into a sum, with the cell's gain moving to its target within the frame, so that
 * no change clicks.
 * @param sum - 160 sums.
 * @param frame - 160 samples.
 */
export function addWithRamp(sum: Int32Array, frame: Int16Array, cell: GainCell): void {
  const from = cell.gain;
  const step = (cell.target - from) / FRAME_SAMPLES;
  // The assertions of indices: both arrays have a frame's length.
  if (step === 0) {
    if (from === 0) return;
    if (from === 1) for (let i = 0; i < FRAME_SAMPLES; i += 1) sum[i] = (sum[i] as number) + (frame[i] as number);
    else for (let i = 0; i < FRAME_SAMPLES; i += 1) sum[i] = (sum[i] as number) + (frame[i] as number) * from;
    return;
  }
  for (let i = 0; i < FRAME_SAMPLES; i += 1) sum[i] = (sum[i] as number) + (frame[i] as number) * (from + step * (i + 1));
  cell.gain = cell.target;
}

/** Cuts the sums to 16 bits. */
export function clipSum(sum: Int32Array, into: Int16Array): void {
  for (let i = 0; i < FRAME_SAMPLES; i += 1) into[i] = clip16(sum[i] as number); // Within both arrays.
}

/** Lets a sum of 160 fade out to nothing within the frame. */
export function fadeOut(sum: Int32Array): void {
  for (let i = 0; i < FRAME_SAMPLES; i += 1) sum[i] = ((sum[i] as number) * (FRAME_SAMPLES - i)) / FRAME_SAMPLES; // Within the array.
}
