const FRAME = 160;
const BINS = Array.from({ length: 60 }, (_, i) => (100 + i * 60) / 8_000);
/** Quieter than this is all the same: a tenth of the last bit of G.711. */
const FLOOR = 1;

/**
 * How far two pieces are from each other, as ears by their spectra have it: the root mean square
 * of the difference of their logarithmic spectra in dB, mean of frames of 20 ms.
 * @param isCounted - which frames.
 */
export function logSpectralDistance(one: Int16Array, other: Int16Array, isCounted: (frame: number) => boolean): number {
  const distances: number[] = [];
  for (let at = 0; at + FRAME <= Math.min(one.length, other.length); at += FRAME) {
    if (!isCounted(at / FRAME)) continue;
    const [a, b] = [spectrum(one.subarray(at, at + FRAME)), spectrum(other.subarray(at, at + FRAME))];
    const squares = a.map((level, i) => (level - (b[i] ?? 0)) ** 2);
    distances.push(Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length));
  }
  return distances.reduce((sum, distance) => sum + distance, 0) / Math.max(1, distances.length);
}

/** Levels in dB at {@link BINS}, under a Hann window of one frame. */
function spectrum(samples: Int16Array): number[] {
  return BINS.map((frequency) => {
    let [real, imaginary] = [0, 0];
    for (const [i, sample] of samples.entries()) {
      const weighed = sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME));
      real += weighed * Math.cos(2 * Math.PI * frequency * i);
      imaginary += weighed * Math.sin(2 * Math.PI * frequency * i);
    }
    return 10 * Math.log10((real ** 2 + imaginary ** 2) / FRAME + FLOOR);
  });
}
