import { levelDbfs } from './tone.ts';

/** A stretch of silence within audio. */
export interface SilentGap {
  readonly startMs: number;
  readonly lengthMs: number;
}

/** What counts as a gap. */
export interface GapOptions {
  /** Quieter than this is silent; default −50 dBFS. */
  readonly thresholdDbfs?: number;
  /** Shorter silences are not gaps; default 10 ms. */
  readonly minimumMs?: number;
  readonly sampleRate?: number;
}

const WINDOW_MS = 5;

/** Lists the silences of a piece, those at its beginning and end included, in windows of 5 ms. */
export function silentGaps(samples: Int16Array, options: GapOptions = {}): readonly SilentGap[] {
  const { thresholdDbfs = -50, minimumMs = 10, sampleRate = 8_000 } = options;
  const window = (sampleRate * WINDOW_MS) / 1_000;
  const gaps: SilentGap[] = [];
  let startMs: number | undefined;
  const close = (endMs: number): void => {
    if (startMs !== undefined && endMs - startMs >= minimumMs) gaps.push({ startMs, lengthMs: endMs - startMs });
    startMs = undefined;
  };
  for (let at = 0; at < samples.length; at += window) {
    const atMs = (at * 1_000) / sampleRate;
    if (levelDbfs(samples.subarray(at, at + window)) < thresholdDbfs) startMs ??= atMs;
    else close(atMs);
  }
  close((samples.length * 1_000) / sampleRate);
  return gaps;
}
