/** One tone in a piece of audio. */
export interface ToneFigures {
  /** Level of the tone alone, in dBFS: a full-scale sine is 0. */
  readonly levelDbfs: number;
  /** Share of the piece's energy that is this tone, from 0 to 1. */
  readonly share: number;
}

/** Level given to digital silence, so that it can be compared. */
export const SILENCE_DBFS = -120;

/** How loud a piece is (RMS), in dBFS: a full-scale sine is 0, silence is −120. */
export function levelDbfs(samples: Int16Array): number {
  return toDbfs(energyOf(samples) / Math.max(1, samples.length));
}

const FULL_SCALE_SINE = 32_768 ** 2 / 2;

const toDbfs = (meanSquare: number): number =>
  (meanSquare <= 0 ? SILENCE_DBFS : Math.max(SILENCE_DBFS, 10 * Math.log10(meanSquare / FULL_SCALE_SINE)));

function energyOf(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return energy;
}

/**
 * Measures one frequency by the Goertzel algorithm.
 * @remarks Goertzel, American Mathematical Monthly 65 (1958); the frequency need not be a
 *   multiple of the piece's bin width.
 */
export function analyseTone(samples: Int16Array, frequency: number, sampleRate = 8_000): ToneFigures {
  if (samples.length === 0) return { levelDbfs: SILENCE_DBFS, share: 0 };
  const power = powerAt(samples, frequency, sampleRate);
  // A sine of amplitude A over N samples has |X|² = (A·N/2)²: its mean square is 2|X|²/N².
  const meanSquare = (2 * power) / samples.length ** 2;
  const total = energyOf(samples) / samples.length;
  return { levelDbfs: toDbfs(meanSquare), share: total === 0 ? 0 : Math.min(1, meanSquare / total) };
}

function powerAt(samples: Int16Array, frequency: number, sampleRate: number): number {
  const step = (2 * Math.PI * frequency) / sampleRate;
  const coefficient = 2 * Math.cos(step);
  let before = 0;
  let last = 0;
  for (const sample of samples) {
    const now = sample + coefficient * last - before;
    before = last;
    last = now;
  }
  return last * last + before * before - coefficient * last * before;
}

/** Longest stretch that is looked at for its frequency: a second at 8 kHz. */
const MAX_SEARCH_SAMPLES = 8_000;

/**
 * Finds the strongest frequency between 50 Hz and the band's end.
 * @returns hertz, to about 1 Hz for a second of audio; undefined for silence.
 */
export function dominantFrequency(samples: Int16Array, sampleRate = 8_000): number | undefined {
  const start = Math.max(0, (samples.length - MAX_SEARCH_SAMPLES) >> 1);
  const piece = samples.subarray(start, start + MAX_SEARCH_SAMPLES);
  if (levelDbfs(piece) < -70) return undefined;
  const coarse = Math.max(1, sampleRate / piece.length);
  const rough = strongest(piece, sampleRate, { from: 50, to: sampleRate / 2 - 50, step: coarse });
  return strongest(piece, sampleRate, { from: rough - coarse, to: rough + coarse, step: coarse / 10 });
}

function strongest(samples: Int16Array, sampleRate: number, range: { from: number; to: number; step: number }): number {
  let best = range.from;
  let bestPower = -1;
  for (let frequency = range.from; frequency <= range.to; frequency += range.step) {
    const power = powerAt(samples, frequency, sampleRate);
    if (power > bestPower) {
      best = frequency;
      bestPower = power;
    }
  }
  return best;
}
